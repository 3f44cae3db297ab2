using System.Buffers.Binary;
using System.Text;

namespace Orleans.Mqtt.Tests.Bench.Wire;

/// <summary>
/// The packets of MQTT 3.1.1 that a client says, as bytes. It shares nothing with the product's codec: a mistake
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

    public const int AckSize = 4;
    public const byte Retain = 0x01;

    public static readonly byte[] Disconnect = [0xE0, 0x00];

    private const ushort KeepAliveSeconds = 900;

    public static byte[] Connect(string clientId, bool clean)
    {
        var id = Encoding.UTF8.GetBytes(clientId);
        byte[] flags = [0x04, (byte)(clean ? 0x02 : 0x00), KeepAliveSeconds >> 8, KeepAliveSeconds & 0xFF];
        return Frame(0x10, [.. Text("MQTT"), .. flags, .. Prefixed(id)]);
    }

    public static byte[] Subscribe(ushort packetId, IEnumerable<string> filters, byte qos)
    {
        var body = new List<byte> { (byte)(packetId >> 8), (byte)packetId };
        foreach (var filter in filters)
        {
            body.AddRange(Text(filter));
            body.Add(qos);
        }

        return Frame(0x82, body);
    }

    /// <summary>A PUBLISH with packet identifier and payload still zero; says where they are.</summary>
    public static byte[] PublishTemplate(
        string topic, byte qos, bool retain, int payloadSize, out int topicAt, out int packetIdAt, out int payloadAt)
    {
        var name = Text(topic);
        var idSize = qos > 0 ? sizeof(ushort) : 0;
        var header = (byte)(Publish | qos << 1 | (retain ? Retain : 0));
        var packet = Frame(header, [.. name, .. new byte[idSize + payloadSize]]);
        payloadAt = packet.Length - payloadSize;
        packetIdAt = payloadAt - idSize;
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

    private static byte[] Text(string text) => Prefixed(Encoding.UTF8.GetBytes(text));

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
