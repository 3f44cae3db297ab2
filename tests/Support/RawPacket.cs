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
    Auth,
}

/// <summary>One packet as it came off the wire: its first byte and what follows the remaining length.</summary>
public sealed record RawPacket(byte Header, byte[] Body)
{
    public RawType Type => (RawType)(Header >> 4);

    public int Flags => Header & 0x0F;

    /// <summary>Of every kind but PUBLISH, where it follows the topic: see <see cref="Heard"/>.</summary>
    public int PacketId => (Body[0] << 8) | Body[1];

    /// <summary>Of a PUBACK, PUBREC, PUBREL or PUBCOMP of MQTT 5, or a DISCONNECT: what is not said is success.</summary>
    public int Reason => Body.Length > ReasonAt ? Body[ReasonAt] : 0;

    /// <summary>Of any packet of MQTT 5 that a broker sends, but PUBLISH.</summary>
    public IReadOnlyList<RawProperty> Properties
    {
        get
        {
            var at = Type switch
            {
                RawType.SubAck or RawType.UnsubAck => 2,
                RawType.ConnAck => 2,
                _ => ReasonAt + 1,
            };
            if (Body.Length <= at)
                return [];
            ReadOnlySpan<byte> rest = Body.AsSpan(at);
            return RawProperty.Take(ref rest);
        }
    }

    /// <summary>Of a SUBACK or UNSUBACK of MQTT 5.</summary>
    public int[] Reasons
    {
        get
        {
            ReadOnlySpan<byte> rest = Body.AsSpan(2);
            RawProperty.Take(ref rest);
            return [.. rest.ToArray()];
        }
    }

    private int ReasonAt => Type switch
    {
        RawType.ConnAck => 1,
        RawType.Disconnect or RawType.Auth => 0,
        _ => 2,
    };

    public override string ToString() =>
        $"{Type} {Header:x2} + {Body.Length} bytes {Convert.ToHexString(Body.AsSpan(0, Math.Min(Body.Length, 64)))}";
}

/// <summary>A PUBLISH that a subscriber received, taken apart.</summary>
public sealed record Heard(string Topic, byte[] Payload, int QoS, bool Retain, bool Dup, int PacketId)
{
    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>Of MQTT 5.</summary>
    public IReadOnlyList<RawProperty> Properties { get; init; } = [];

    public static Heard From(RawPacket packet, bool isVersion5 = false)
    {
        Assert.True(packet.Type == RawType.Publish, $"a PUBLISH was expected, but {packet} came");
        var qos = (packet.Header >> 1) & 3;
        Assert.InRange(qos, 0, 2);
        var topicLength = (packet.Body[0] << 8) | packet.Body[1];
        var topic = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(packet.Body, 2, topicLength);
        ReadOnlySpan<byte> rest = packet.Body.AsSpan(2 + topicLength);
        var packetId = qos == 0 ? 0 : (rest[0] << 8) | rest[1];
        rest = rest[(qos == 0 ? 0 : 2)..];
        var properties = isVersion5 ? RawProperty.Take(ref rest) : [];
        return new Heard(topic, rest.ToArray(), qos, Retain: (packet.Header & 1) != 0, Dup: (packet.Header & 8) != 0, packetId)
        {
            Properties = properties,
        };
    }
}
