using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Broker.Fuzzing;

/// <summary>
/// Bytes that no client should send: noise, and good packets that were damaged. The seed decides all of it.
/// </summary>
internal sealed class Mutations(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>What one hostile connection says, piece by piece.</summary>
    public IEnumerable<byte[]> Conversation()
    {
        if (_random.Next(4) > 0)
            yield return MaybeDamaged(Packet.Connect(Options()), chance: 4);
        for (var i = _random.Next(1, 12); i > 0; i--)
            yield return _random.Next(5) == 0 ? Noise() : MaybeDamaged(Good(), chance: 2);
    }

    private bool Next(int chances) => _random.Next(chances) == 0;

    private ConnectOptions Options() => new()
    {
        ClientId = $"fuzz{_random.Next(50)}",
        CleanSession = Next(2),
        KeepAlive = _random.Next(3),
        Level = Next(6) ? _random.Next(256) : _random.Next(3, 6),
        Will = Next(2) ? new Will($"fuzz/{_random.Next(20)}", "will", _random.Next(3), Next(2)) : null,
        UserName = Next(4) ? "user" : null,
    };

    private byte[] Good()
    {
        var (topic, id) = ($"fuzz/{_random.Next(20)}", _random.Next(1, 20));
        return _random.Next(10) switch
        {
            0 => Packet.Publish(topic, "fuzz"),
            1 => Packet.Publish(topic, new byte[_random.Next(2_000)], qos: 1, id, retain: Next(2), dup: Next(2)),
            2 => Packet.Publish(topic, "fuzz", qos: 2, id, retain: Next(2), dup: Next(2)),
            3 => Packet.PubAck(id),
            4 => Packet.PubRec(id),
            5 => Packet.PubRel(id),
            6 => Packet.PubComp(id),
            7 => Packet.Subscribe(id, (topic, _random.Next(3)), (Next(5) ? "#" : "fuzz/+/x", _random.Next(3))),
            8 => Packet.Unsubscribe(id, topic, "fuzz/#"),
            _ => Next(3) ? Packet.Disconnect : Packet.PingReq,
        };
    }

    private byte[] Noise()
    {
        var noise = new byte[_random.Next(1, 400)];
        _random.NextBytes(noise);
        return noise;
    }

    private byte[] MaybeDamaged(byte[] packet, int chance)
    {
        if (!Next(chance))
            return packet;
        var place = _random.Next(packet.Length);
        switch (_random.Next(5))
        {
            case 0:
                packet[place] ^= (byte)(1 << _random.Next(8));
                return packet;
            case 1:
                packet[place] = (byte)_random.Next(256);
                return packet;
            case 2:
                return packet[..place];
            case 3:
                return [.. packet[..place], .. Noise(), .. packet[place..]];
            default:
                packet[Math.Min(1, packet.Length - 1)] = (byte)_random.Next(256);
                return packet;
        }
    }
}
