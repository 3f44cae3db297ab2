using System.ComponentModel.DataAnnotations;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>How the store is used. Section "Store". Every default is fit for production.</summary>
internal sealed class StoreOptions
{
    public const string Section = "Store";

    /// <summary>Starts every key; the cluster's ServiceId, so that clusters can share a store.</summary>
    [Required]
    public string Prefix { get; init; } = "mqtt";

    /// <summary>Logical database of the store; -1 takes the one named in the connection string.</summary>
    [Range(-1, 1023)]
    public int Database { get; init; } = -1;

    /// <summary>Connections that write side by side, chosen by key. One is enough for an embedded store.</summary>
    [Range(1, 16)]
    public int Lanes { get; init; } = 2;

    /// <summary>How long an answer may take before the outcome counts as unknown.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most writes that go out as one pipeline of a lane.</summary>
    [Range(1, 65_536)]
    public int PipelineWrites { get; init; } = 1_024;

    /// <summary>Most bytes that go out as one pipeline of a lane (a single larger write goes alone).</summary>
    [Range(1_024, 1_073_741_824)]
    public int PipelineBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Most bytes that a lane takes in before further writers wait for room (P7).</summary>
    [Range(1_024, 2_147_483_647)]
    public int PendingBytes { get; init; } = 64 * 1024 * 1024;
}
