using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>How a gateway apart sends to the silos. Section "SiloLink".</summary>
internal sealed class SiloLaneOptions
{
    public const string Section = "SiloLink";

    /// <summary>Lanes for each kind of message, chosen by client so that order holds.</summary>
    [Range(1, 64)]
    public int Lanes { get; init; } = 2;

    /// <summary>Bytes that may gather in one lane before its QoS 0 publishers are not read from.</summary>
    [Range(64 * 1024, int.MaxValue)]
    public int MaximumWaitingBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long messages to be acknowledged are sent again before their publishers are disconnected.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Pause before they are sent again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(100);
}

[OptionsValidator]
internal sealed partial class SiloLaneOptionsValidator : IValidateOptions<SiloLaneOptions>;
