using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway;

/// <summary>How a gateway behaves. Section "Gateway". Every default is fit for production.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>Where clients connect, comma-separated: tcp, tls, ws or wss://ADDRESS:PORT. Switch: --listen.</summary>
    [Required]
    public string Listen { get; init; } = "tcp://127.0.0.1:1883";

    /// <summary>Web pages' origins that may open a WebSocket, such as https://example.org; all when there are none.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Largest packet a client may send, in bytes, fixed header included. The standard ends at 256 MB.</summary>
    [Range(128, 268_435_460)]
    public int MaximumPacketSize { get; init; } = 1024 * 1024;

    /// <summary>How long a new connection may take to say CONNECT.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections of this gateway, those included that have not said CONNECT.</summary>
    [Range(1, 10_000_000)]
    public int MaximumConnections { get; init; } = 1_000_000;

    /// <summary>Bytes that may wait for one client that reads slowly. Beyond, it gets no QoS 0 and is not read from.</summary>
    [Range(16 * 1024, 1024 * 1024 * 1024)]
    public int MaximumUnsentBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>QoS 1 and 2 messages that may be unacknowledged towards a client without a stored session.</summary>
    [Range(1, 65_534)]
    public int MaximumInFlight { get; init; } = 100;

    /// <summary>QoS 1 and 2 messages that may wait behind that window; the newest is dropped beyond.</summary>
    [Range(1, 10_000_000)]
    public int MaximumWaitingMessages { get; init; } = 20_000;

    /// <summary>Bytes of them.</summary>
    [Range(1024, int.MaxValue)]
    public int MaximumWaitingBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Batches of one publisher that may wait for their acknowledgement before it is not read from.</summary>
    [Range(1, 10_000)]
    public int MaximumUnansweredBatches { get; init; } = 64;

    /// <summary>Subscriptions of one client.</summary>
    [Range(1, 100_000_000)]
    public int MaximumSubscriptions { get; init; } = 2_000_000;

    /// <summary>How long the gateway's sessions outlive its last heartbeat.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(4);
}

[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;
