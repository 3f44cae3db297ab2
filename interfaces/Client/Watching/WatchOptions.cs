using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Client.Watching;

/// <summary>How a process watches topics. Section "Watch".</summary>
internal sealed class WatchOptions
{
    public const string Section = "Watch";

    /// <summary>Messages that wait in one watch for its reader; it misses what comes beyond.</summary>
    [Range(1, 10_000_000)]
    public int MaximumWaitingMessages { get; init; } = 10_000;

    /// <summary>Bytes of them, topics and payloads.</summary>
    [Range(1_024, long.MaxValue)]
    public long MaximumWaitingBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long silos send to a process that is silent; it says four times in it that it lives.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(3);
}

[OptionsValidator]
internal sealed partial class WatchOptionsValidator : IValidateOptions<WatchOptions>;
