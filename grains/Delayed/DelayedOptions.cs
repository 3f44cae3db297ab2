using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>Messages to <c>$delayed/SECONDS/topic</c>. Section "Delayed".</summary>
internal sealed class DelayedOptions
{
    public const string Section = "Delayed";

    /// <summary>Without it such a topic is a topic like any other.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The longest delay in seconds; a message that is to wait longer is refused.</summary>
    [Range(1, uint.MaxValue)]
    public uint MaximumSeconds { get; init; } = 4_294_967;

    /// <summary>Messages that wait in one of the sixteen slices of topics; what comes beyond is refused.</summary>
    [Range(1, 10_000_000)]
    public int MaximumMessages { get; init; } = 100_000;

    /// <summary>Bytes of them.</summary>
    [Range(1_024, long.MaxValue)]
    public long MaximumBytes { get; init; } = 256 * 1024 * 1024;
}

[OptionsValidator]
internal sealed partial class DelayedOptionsValidator : IValidateOptions<DelayedOptions>;
