using System.Text;
using Xunit;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>The kinds of packets, by the four bits that tell them apart.</summary>
public enum RawType
{
    Connect = 1,
    ConnAck,
    Publish,
    PubAck,
    PubRec,
    PubRel,
    PubComp,
    Subscribe,
    SubAck,
    Unsubscribe,
    UnsubAck,
    PingReq,
    PingResp,
    Disconnect,
}

/// <summary>One packet as it came off the wire: its first byte and what follows the remaining length.</summary>
public sealed record RawPacket(byte Header, byte[] Body)
{
    public RawType Type => (RawType)(Header >> 4);

    public int Flags => Header & 0x0F;

    /// <summary>Of every kind but PUBLISH, where it follows the topic: see <see cref="Heard"/>.</summary>
    public int PacketId => (Body[0] << 8) | Body[1];

    public override string ToString() =>
        $"{Type} {Header:x2} + {Body.Length} bytes {Convert.ToHexString(Body.AsSpan(0, Math.Min(Body.Length, 64)))}";
}

/// <summary>A PUBLISH that a subscriber received, taken apart.</summary>
public sealed record Heard(string Topic, byte[] Payload, int QoS, bool Retain, bool Dup, int PacketId)
{
    public string Text => Encoding.UTF8.GetString(Payload);

    public static Heard From(RawPacket packet)
    {
        Assert.True(packet.Type == RawType.Publish, $"a PUBLISH was expected, but {packet} came");
        var qos = (packet.Header >> 1) & 3;
        Assert.InRange(qos, 0, 2);
        var topicLength = (packet.Body[0] << 8) | packet.Body[1];
        var topic = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(packet.Body, 2, topicLength);
        var rest = packet.Body.AsSpan(2 + topicLength);
        var packetId = qos == 0 ? 0 : (rest[0] << 8) | rest[1];
        return new Heard(topic, rest[(qos == 0 ? 0 : 2)..].ToArray(), qos,
            Retain: (packet.Header & 1) != 0, Dup: (packet.Header & 8) != 0, packetId);
    }
}
