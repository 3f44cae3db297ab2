using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Protocol;

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

    /// <summary>How long a new connection may take to say CONNECT, and then to answer what an authentication method asks.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections of this gateway, those included that have not said CONNECT.</summary>
    [Range(1, 10_000_000)]
    public int MaximumConnections { get; init; } = 1_000_000;

    /// <summary>Bytes that may wait for one client that reads slowly. Beyond, it gets no QoS 0 and is not read from.</summary>
    [Range(16 * 1024, 1024 * 1024 * 1024)]
    public int MaximumUnsentBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>QoS 1 and 2 messages that may be unacknowledged towards a client without a stored session.</summary>
    [Range(1, 32_766)]
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

    /// <summary>QoS 1 and 2 messages that a client of MQTT 5 may have unacknowledged towards us.</summary>
    [Range(1, 65_535)]
    public int ReceiveMaximum { get; init; } = 1_000;

    /// <summary>Topic aliases of a client of MQTT 5, in each direction; 0 switches them off.</summary>
    [Range(0, 65_535)]
    public int TopicAliasMaximum { get; init; } = 32;

    /// <summary>Highest QoS of a publication. Subscriptions that ask for more are granted this.</summary>
    [EnumDataType(typeof(QoS))]
    public QoS MaximumQoS { get; init; } = QoS.ExactlyOnce;

    /// <summary>Messages may be retained. Who publishes one with RETAIN is disconnected otherwise.</summary>
    public bool RetainAvailable { get; init; } = true;

    /// <summary>Filters may have wildcards.</summary>
    public bool WildcardSubscriptionAvailable { get; init; } = true;

    /// <summary>Clients may subscribe to <c>$share/NAME/FILTER</c>, of whatever version they are.</summary>
    public bool SharedSubscriptionAvailable { get; init; } = true;

    /// <summary>Subscriptions of MQTT 5 may have an identifier.</summary>
    public bool SubscriptionIdentifierAvailable { get; init; } = true;

    /// <summary>Refuse payloads that are said to be UTF-8 and are not (MQTT 5).</summary>
    public bool ValidatePayloadFormat { get; init; }

    /// <summary>Longest keep alive of a client of MQTT 5, which is told to keep it. Zero: as it likes, also none.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "18:12:15")]
    public TimeSpan MaximumKeepAlive { get; init; } = TimeSpan.Zero;

    /// <summary>Longest time that a session of MQTT 5 outlives its connection. Zero: as long as the client asks for.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan MaximumSessionExpiry { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// What a client of MQTT 5 is told that asks for response information, as the root of its response topics; {clientId}
    /// stands for its identifier. Empty: nothing.
    /// </summary>
    [MaxLength(1024)]
    public string ResponseInformation { get; init; } = "";

    /// <summary>Where clients of MQTT 5 are sent when this gateway stops: HOST:PORT, or several with spaces between them.</summary>
    [MaxLength(1024)]
    public string ServerReference { get; init; } = "";

    /// <summary>That is for good: clients are refused and told that the server has moved.</summary>
    public bool ServerMoved { get; init; }

    /// <summary>Over how long the clients are sent away when the gateway is asked to stop. The process ends 3 seconds later at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often who is subscribed below $SYS hears the broker's figures. Zero: never.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan SysTopicsInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the gateway's sessions outlive its last heartbeat.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The reason for those who are to go: where another server is named they are sent there.</summary>
    public ReasonCode Elsewhere(ReasonCode otherwise) => this switch
    {
        { ServerReference.Length: 0 } => otherwise,
        { ServerMoved: true } => ReasonCode.ServerMoved,
        _ => ReasonCode.UseAnotherServer,
    };

    /// <summary>What belongs to a reason that sends a client elsewhere; null for others.</summary>
    public string? ReferenceFor(ReasonCode reason) =>
        reason is ReasonCode.UseAnotherServer or ReasonCode.ServerMoved && ServerReference.Length > 0 ? ServerReference : null;

    /// <summary>The session expiry that a client gets, in seconds; <see cref="uint.MaxValue"/> for ever.</summary>
    public uint GrantExpiry(uint asked) =>
        MaximumSessionExpiry == TimeSpan.Zero ? asked : Math.Min(asked, (uint)MaximumSessionExpiry.TotalSeconds);

    /// <summary>The keep alive that a client of MQTT 5 gets, in seconds; 0 for none.</summary>
    public ushort GrantKeepAlive(ushort asked)
    {
        var longest = (ushort)MaximumKeepAlive.TotalSeconds;
        return longest != 0 && (asked == 0 || asked > longest) ? longest : asked;
    }
}

[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;
