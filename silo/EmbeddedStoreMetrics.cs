using System.Diagnostics.Metrics;

namespace Orleans.Mqtt.Silo;

/// <summary>The sizes of the embedded store and their limits (promise P7).</summary>
internal static class EmbeddedStoreMetrics
{
    public const string MeterName = "Orleans.Mqtt.Store";

    public static void Watch(EmbeddedStore store, IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("mqtt.store.keys", () => store.Size.Keys, "{key}", "Keys in memory.");
        meter.CreateObservableGauge("mqtt.store.log", () => store.Size.LogBytes, "By", "Log since the last snapshot.");
        meter.CreateObservableGauge(
            "mqtt.store.log.limit", () => store.Size.LogLimit, "By", "A new snapshot replaces the log beyond this.");
        meter.CreateObservableGauge(
            "mqtt.store.snapshot", () => store.Size.SnapshotBytes, "By", "The last snapshot: all data as it was then.");
        meter.CreateObservableGauge(
            "mqtt.store.pending", () => store.Size.PendingBytes, "By", "Changes that are not in the log yet.");
        meter.CreateObservableGauge(
            "mqtt.store.pending.limit", () => store.Size.PendingLimit, "By", "Beyond this changes are refused.");
        meter.CreateObservableGauge("mqtt.store.cursors", () => store.Size.Cursors, "{cursor}", "Readings under way.");
        meter.CreateObservableGauge(
            "mqtt.store.cursors.limit", () => store.Size.CursorLimit, "{cursor}", "Beyond this the oldest is given up.");
    }
}

/// <summary>How much an embedded store holds at one moment.</summary>
internal readonly record struct StoreSize(
    int Keys, long LogBytes, long LogLimit, long SnapshotBytes, long PendingBytes, long PendingLimit, int Cursors,
    int CursorLimit);
