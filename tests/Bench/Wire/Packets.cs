using System.Buffers.Binary;
using System.Text;

namespace Orleans.Mqtt.Tests.Bench.Wire;

/// <summary>
/// The packets of MQTT 3.1.1 and 5 that a client says, as bytes. It shares nothing with the product's codec: a mistake
/// there must not be measured by the same mistake here.
/// </summary>
internal static class Packets
{
    public const byte ConnAck = 0x20;
    public const byte Publish = 0x30;
    public const byte PubAck = 0x40;
    public const byte PubRec = 0x50;
    public const byte PubRel = 0x62;
    public const byte PubComp = 0x70;
    public const byte SubAck = 0x90;

    public const byte Level311 = 4;
    public const byte Level5 = 5;

    /// <summary>Reason codes from here on say no.</summary>
    public const byte LeastFailure = 0x80;

    public const int AckSize = 4;
    public const byte Retain = 0x01;

    public static readonly byte[] Disconnect = [0xE0, 0x00];

    private const ushort KeepAliveSeconds = 900;

    public static byte[] Connect(string clientId, bool clean, byte level = Level311)
    {
        byte[] flags = [level, (byte)(clean ? 0x02 : 0x00), KeepAliveSeconds >> 8, KeepAliveSeconds & 0xFF];
        var properties = level < Level5 ? [] : Properties.OfConnect(outlivesConnection: !clean);
        return Frame(0x10, [.. Text("MQTT"), .. flags, .. properties, .. Text(clientId)]);
    }

    public static byte[] Subscribe(ushort packetId, IEnumerable<string> filters, byte qos, byte level)
    {
        var body = new List<byte> { (byte)(packetId >> 8), (byte)packetId };
        if (level is Level5)
            body.Add(0);
        foreach (var filter in filters)
        {
            body.AddRange(Text(filter));
            body.Add(qos);
        }

        return Frame(0x82, body);
    }

    /// <summary>A PUBLISH with packet identifier and payload still zero; says where they are.</summary>
    public static byte[] PublishTemplate(
        string topic, byte qos, bool retain, byte[] properties, int payloadSize,
        out int topicAt, out int packetIdAt, out int payloadAt)
    {
        var name = Text(topic);
        var idSize = qos > 0 ? sizeof(ushort) : 0;
        var header = (byte)(Publish | qos << 1 | (retain ? Retain : 0));
        var packet = Frame(header, [.. name, .. new byte[idSize], .. properties, .. new byte[payloadSize]]);
        payloadAt = packet.Length - payloadSize;
        packetIdAt = payloadAt - properties.Length - idSize;
        topicAt = packetIdAt - name.Length + sizeof(ushort);
        return packet;
    }

    public static unsafe void WriteAck(byte* at, byte header, ushort packetId)
    {
        at[0] = header;
        at[1] = 2;
        at[2] = (byte)(packetId >> 8);
        at[3] = (byte)packetId;
    }

    public static unsafe ushort ReadUInt16(byte* at) => (ushort)(at[0] << 8 | at[1]);

    /// <summary>What MQTT writes in one to four bytes; moves on behind it.</summary>
    public static unsafe int ReadVariable(ref byte* at)
    {
        var value = 0;
        for (var shift = 0; shift < 28; shift += 7)
        {
            value |= (*at & 0x7F) << shift;
            if (*at++ < 0x80)
                break;
        }

        return value;
    }

    public static byte[] Text(string text) => Prefixed(Encoding.UTF8.GetBytes(text));

    private static byte[] Prefixed(byte[] bytes)
    {
        var prefixed = new byte[sizeof(ushort) + bytes.Length];
        BinaryPrimitives.WriteUInt16BigEndian(prefixed, (ushort)bytes.Length);
        bytes.CopyTo(prefixed, sizeof(ushort));
        return prefixed;
    }

    private static byte[] Frame(byte header, List<byte> body)
    {
        var packet = new List<byte>(body.Count + 5) { header };
        var left = body.Count;
        do
        {
            packet.Add((byte)(left & 0x7F | (left > 0x7F ? 0x80 : 0)));
            left >>= 7;
        }
        while (left > 0);

        packet.AddRange(body);
        return [.. packet];
    }
}
