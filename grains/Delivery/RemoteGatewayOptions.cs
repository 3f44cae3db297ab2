using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>How a silo sends to gateways in other processes. Section "GatewayLink".</summary>
internal sealed class RemoteGatewayOptions
{
    public const string Section = "GatewayLink";

    /// <summary>
    /// Bytes that may wait for one gateway. Beyond, QoS 0 is dropped, and what is to be acknowledged is not taken in.
    /// </summary>
    [Range(64 * 1024, int.MaxValue)]
    public int MaximumWaitingBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Pause before a gateway that did not answer is called again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(200);
}

[OptionsValidator]
internal sealed partial class RemoteGatewayOptionsValidator : IValidateOptions<RemoteGatewayOptions>;
