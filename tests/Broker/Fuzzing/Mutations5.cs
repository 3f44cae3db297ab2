using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Broker.Fuzzing;

/// <summary>
/// Packets of MQTT 5 whose properties went wrong: any property anywhere, often or cut off, damaged lengths. The seed
/// decides all of it.
/// </summary>
internal sealed class Mutations5(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>What one hostile connection says, piece by piece.</summary>
    public IEnumerable<byte[]> Conversation()
    {
        yield return MaybeDamaged(Packet.Connect(Options()), chance: 6);
        for (var i = _random.Next(1, 15); i > 0; i--)
            yield return MaybeDamaged(Good(), chance: 4);
    }

    private bool Next(int chances) => _random.Next(chances) == 0;

    private ConnectOptions Options() => ConnectOptions.Version5 with
    {
        ClientId = Next(10) ? "" : $"fuzz5{_random.Next(50)}",
        CleanSession = Next(2),
        KeepAlive = _random.Next(3),
        Properties = Properties(
            Prop.SessionExpiry, Prop.ReceiveMaximum, Prop.MaximumPacketSize, Prop.TopicAliasMaximum, Prop.RequestProblems,
            Prop.RequestResponse, Prop.User),
        Will = Next(2)
            ? new Will($"fuzz5/{_random.Next(20)}", "will", _random.Next(3), Next(2))
            {
                Properties = Properties(Prop.WillDelay, Prop.MessageExpiry, Prop.PayloadFormat, Prop.User, Prop.ResponseTopic),
            }
            : null,
    };

    private byte[] Good()
    {
        var (topic, id) = (Next(3) ? "" : $"fuzz5/{_random.Next(20)}", _random.Next(1, 20));
        return _random.Next(9) switch
        {
            0 => Packet.Publish(topic, "fuzz", properties: Message()),
            1 => Packet.Publish(topic, new byte[_random.Next(2_000)], qos: 1, id, retain: Next(4), dup: Next(2), Message()),
            2 => Packet.Publish(topic, "fuzz", qos: 2, id, retain: Next(4), dup: Next(2), Message()),
            3 => Packet.Ack((RawType)_random.Next(4, 8), id, AnyReason(), Answer()),
            4 => Packet.Ack((RawType)_random.Next(4, 8), id, 0),
            5 => Packet.Subscribe(id, Properties(Prop.SubscriptionId, Prop.User),
                ($"fuzz5/{_random.Next(20)}", _random.Next(3) | (_random.Next(16) << 2)), (Next(5) ? "#" : "fuzz5/+", 1)),
            6 => Packet.Unsubscribe(id, Properties(Prop.User), $"fuzz5/{_random.Next(20)}", "fuzz5/+"),
            7 => Packet.Auth(AnyReason(), Properties(Prop.AuthMethod, Prop.AuthData, Prop.User)),
            _ => Next(3) ? Packet.Goodbye(AnyReason(), Properties(Prop.SessionExpiry, Prop.User, Prop.ReasonString)) : Packet.PingReq,
        };
    }

    private int AnyReason() => Next(3) ? _random.Next(256) : Next(2) ? 0 : _random.Next(0x80, 0xA3);

    private Props Message() => Properties(
        Prop.PayloadFormat, Prop.MessageExpiry, Prop.ContentType, Prop.ResponseTopic, Prop.CorrelationData, Prop.TopicAlias, Prop.User);

    private Props Answer() => Properties(Prop.ReasonString, Prop.User);

    /// <summary>Some of those that are right here, mostly; their values are any.</summary>
    private Props Properties(params int[] right)
    {
        var properties = new Props();
        for (var i = _random.Next(4); i > 0; i--)
        {
            var id = Next(20) ? _random.Next(0x30) : right[_random.Next(right.Length)];
            Add(properties, id);
        }

        return properties;
    }

    private void Add(Props properties, int id)
    {
        if (!Prop.All.Contains(id) || Next(15))
        {
            var noise = new byte[_random.Next(6)];
            _random.NextBytes(noise);
            properties.Raw([(byte)id, .. noise]);
        }
        else if (id is Prop.TopicAlias or Prop.TopicAliasMaximum or Prop.ReceiveMaximum)
        {
            properties.Short(id, Next(5) ? _random.Next(65_536) : _random.Next(5));
        }
        else if (id is Prop.MaximumPacketSize or Prop.SessionExpiry or Prop.MessageExpiry or Prop.WillDelay)
        {
            properties.Int(id, (uint)(Next(3) ? _random.NextInt64(uint.MaxValue) : _random.Next(200)));
        }
        else
        {
            properties.Sample(id);
        }
    }

    private byte[] MaybeDamaged(byte[] packet, int chance)
    {
        if (!Next(chance))
            return packet;
        var place = _random.Next(packet.Length);
        packet[place] = Next(2) ? (byte)_random.Next(256) : (byte)(packet[place] ^ (1 << _random.Next(8)));
        return Next(3) ? packet[..place] : packet;
    }
}
