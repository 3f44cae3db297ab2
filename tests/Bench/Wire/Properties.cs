namespace Orleans.Mqtt.Tests.Bench.Wire;

/// <summary>The properties of MQTT 5 that a client of the generator says and asks for, with their length before them.</summary>
internal static unsafe class Properties
{
    /// <summary>The one alias of a publisher that uses one.</summary>
    private const byte Alias = 1;

    private const byte SessionExpiryInterval = 0x11;
    private const byte ReceiveMaximum = 0x21;
    private const byte TopicAliasMaximum = 0x22;
    private const byte TopicAlias = 0x23;
    private const byte UserProperty = 0x26;

    public static byte[] None { get; } = [0];

    /// <summary>What a broker has to pass on unaltered. [MQTT-3.3.2-17] [MQTT-3.3.2-18]</summary>
    public static byte[] User { get; } =
    [
        UserProperty, .. Packets.Text("unit"), .. Packets.Text("degree Celsius"),
        UserProperty, .. Packets.Text("site"), .. Packets.Text("north"),
    ];

    public static byte[] UserAndAlias { get; } = [(byte)(User.Length + 3), .. User, TopicAlias, 0, Alias];

    /// <summary>A session that outlives its connection does so for ever. What we can be sent at once has no limit but MQTT's.</summary>
    public static byte[] OfConnect(bool outlivesConnection) =>
        outlivesConnection ? [5, SessionExpiryInterval, 0xFF, 0xFF, 0xFF, 0xFF] : None;

    /// <summary>How many of our messages a broker lets be unacknowledged, and how many aliases it knows, by its CONNACK.</summary>
    public static (int ReceiveMaximum, int Aliases) OfConnAck(byte* at, int length)
    {
        var (inFlight, aliases) = (ushort.MaxValue, (ushort)0);
        var end = at + length;
        while (at < end)
        {
            var name = *at++;
            if (name is ReceiveMaximum)
                inFlight = Packets.ReadUInt16(at);
            else if (name is TopicAliasMaximum)
                aliases = Packets.ReadUInt16(at);

            at += SizeOf(name, at);
        }

        return (inFlight, aliases);
    }

    // Section 2.2.2.2, those that a CONNACK may have.
    private static int SizeOf(byte name, byte* value) => name switch
    {
        0x24 or 0x25 or 0x28 or 0x29 or 0x2A => 1,
        0x13 or ReceiveMaximum or TopicAliasMaximum => 2,
        SessionExpiryInterval or 0x27 => 4,
        UserProperty => PairSize(value),
        _ => sizeof(ushort) + Packets.ReadUInt16(value),
    };

    private static int PairSize(byte* value)
    {
        var key = sizeof(ushort) + Packets.ReadUInt16(value);
        return key + sizeof(ushort) + Packets.ReadUInt16(value + key);
    }
}
