using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Hosting.Admin;

namespace Orleans.Mqtt.Gateway.Hosting.Metrics;

/// <summary>Listens to the meters of this process and keeps what they say, for whoever scrapes.</summary>
internal sealed class MetricCollector : IDisposable
{
    // Ours, and those of the runtime: memory, garbage collection, threads, processor time.
    private static readonly string[] _always =
    [
        "Orleans.Mqtt.Gateway", "Orleans.Mqtt.Broker", "Orleans.Mqtt.Store", "Orleans.Mqtt.Nats", "Orleans.Mqtt.Client",
        "System.Runtime",
    ];

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _scraping = new();
    private readonly IMeterFactory _own;
    private readonly HashSet<string> _wanted;
    private readonly ILogger _log;

    public MetricCollector(IMeterFactory meters, IOptions<AdminOptions> options, ILogger<MetricCollector> log)
    {
        _log = log;
        _own = meters;
        _wanted = [.. _always, .. options.Value.Meters];
        _listener.InstrumentPublished = Listen;
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, family) => Record(family, (long)value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, family) => Record(family, (long)value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => Record(family, (long)value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, family) => Record(family, (double)value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, family) => Record(family, (double)value, tags));
        _listener.Start();
    }

    public string Scrape()
    {
        var text = new StringBuilder(16 * 1024);
        lock (_scraping)
        {
            foreach (var family in _families.Values.Where(family => family.IsObserved))
                family.Clear();
            Observe();
            foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
                PrometheusText.Write(text, family);
        }

        text.Append("# HELP mqtt_metrics_refused_total Measurements without a place: their metric had too many series.\n");
        text.Append("# TYPE mqtt_metrics_refused_total counter\n");
        PrometheusText.Line(text, "mqtt_metrics_refused_total", "", _families.Values.Sum(family => family.Refused));
        return text.ToString();
    }

    private void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException failure)
        {
            _log.MetricNotRead(failure.InnerException!); // of the metrics that failed; the others were read
        }
    }

    public void Dispose() => _listener.Dispose();

    // A host beside this one, as in tests, has meters of the same names: those of its own factory are its own.
    private void Listen(Instrument instrument, MeterListener listener)
    {
        var isOurs = instrument.Meter.Scope is null || instrument.Meter.Scope == _own;
        if (!isOurs || !_wanted.Contains(instrument.Meter.Name))
            return;

        var family = new MetricFamily(instrument);
        listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(family.Name, family));
    }

    private static void Record(object? family, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((MetricFamily)family!).Record(value, tags);

    private static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((MetricFamily)family!).Record(value, tags);
}
