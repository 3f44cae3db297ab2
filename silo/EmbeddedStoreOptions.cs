using System.ComponentModel.DataAnnotations;

namespace Orleans.Mqtt.Silo;

/// <summary>How the embedded store keeps house. Section "EmbeddedStore". Every default is fit for production.</summary>
internal sealed class EmbeddedStoreOptions
{
    public const string Section = "EmbeddedStore";

    /// <summary>
    /// The log on disk is cut off behind a new checkpoint when it has grown by this much, or by as much as the last
    /// checkpoint holds where that is more.
    /// </summary>
    [Range(1_048_576, 1_099_511_627_776)]
    public long LogLimitBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>Dead records in memory are cleared away when there may be this much of them.</summary>
    [Range(2_097_152, 1_099_511_627_776)]
    public long GarbageLimitBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How often the two limits are looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan UpkeepInterval { get; init; } = TimeSpan.FromSeconds(5);
}
