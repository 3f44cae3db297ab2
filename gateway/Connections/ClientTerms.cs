using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>How a client wants to be spoken to, from its CONNECT. A client older than MQTT 5 has no wishes.</summary>
internal sealed record ClientTerms(ProtocolVersion Version)
{
    // Clean, or kept for ever: before MQTT 5 there was nothing in between, and nothing else to agree on.
    private static readonly ClientTerms[] _older =
    [
        .. from version in new[] { ProtocolVersion.V31, ProtocolVersion.V311 }
           from expiry in new[] { uint.MinValue, uint.MaxValue }
           select new ClientTerms(version) { SessionExpiry = expiry },
    ];

    public bool IsVersion5 => Version is ProtocolVersion.V5;

    /// <summary>Messages of QoS 1 and 2 that it takes before it has acknowledged them.</summary>
    public ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>Bytes of the largest packet that it takes. [MQTT-3.1.2-24]</summary>
    public int MaximumPacketSize { get; init; } = int.MaxValue;

    /// <summary>Aliases that topics may have towards it. [MQTT-3.1.2-26]</summary>
    public int TopicAliases { get; init; }

    /// <summary>It wants to read in words what went wrong. [MQTT-3.1.2-29]</summary>
    public bool WantsReasons { get; init; }

    /// <summary>Seconds that its session outlives the connection, as granted.</summary>
    public uint SessionExpiry { get; init; }

    public static ClientTerms Of(ConnectPacket connect, GatewayOptions options)
    {
        if (connect.Version is not ProtocolVersion.V5)
            return OfOlder(connect.Version, connect.CleanStart ? 0 : uint.MaxValue);

        var wishes = connect.Properties;
        return new ClientTerms(connect.Version)
        {
            ReceiveMaximum = wishes.ReceiveMaximum,
            MaximumPacketSize = (int)Math.Min(wishes.MaximumPacketSize ?? int.MaxValue, int.MaxValue),
            TopicAliases = Math.Min(wishes.TopicAliasMaximum, options.TopicAliasMaximum),
            WantsReasons = wishes.RequestProblemInformation,
            SessionExpiry = options.GrantExpiry(wishes.SessionExpiryInterval),
        };
    }

    private static ClientTerms OfOlder(ProtocolVersion version, uint expiry) =>
        Array.Find(_older, terms => terms.Version == version && terms.SessionExpiry == expiry)
            ?? new ClientTerms(version) { SessionExpiry = expiry }; // one that is about to be refused
}
