using Orleans.Mqtt.Tests.Support.Audit;

namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>
/// Hears and acknowledges. The identifiers of QoS 2 messages are held until PUBREL, on whatever connection that comes, so
/// that a message sent again is not taken for a new one [MQTT-4.3.3-2].
/// </summary>
internal abstract class LoadListener(
    IReadOnlyList<Entrance> entrances, string clientId, int audience, Chronicle chronicle, LoadOptions options)
    : LoadClient(entrances, clientId, chronicle, options)
{
    private readonly HashSet<int> _held = [];
    private int _lastPacketId;

    protected int AudienceIndex => audience;

    protected Audience Audience => Chronicle.Audiences[audience];

    /// <summary>QoS 2 messages are under way whose PUBREL has not come.</summary>
    protected bool HoldsAny => _held.Count > 0;

    public override string ToString() =>
        $"{ClientId} (PUBREL owed for {_held.Count} packets: {string.Join(' ', _held)}; "
        + $"first missing: {string.Join(' ', Chronicle.Missing(audience).Select(NameOf))})";

    /// <summary>SUBSCRIBE, and whatever comes until the SUBACK.</summary>
    protected async Task SubscribeAsync(
        Link link, Visit? visit, IReadOnlyList<(string Filter, int QoS)> wanted, CancellationToken cancellation)
    {
        var packetId = NextPacketId();
        link.Say(Packet.Subscribe(packetId, [.. wanted]));
        var answer = await AnswerAsync(link, visit, RawType.SubAck, packetId, cancellation);
        var granted = answer.Body.Skip(2).Select(code => (int)code);
        if (!granted.SequenceEqual(wanted.Select(filter => filter.QoS)))
            Chronicle.Wonder($"{ClientId} was not given what it asked for: {answer}");
    }

    protected async Task UnsubscribeAsync(Link link, Visit visit, string filter, CancellationToken cancellation)
    {
        var packetId = NextPacketId();
        link.Say(Packet.Unsubscribe(packetId, filter));
        await AnswerAsync(link, visit, RawType.UnsubAck, packetId, cancellation);
    }

    protected void Handle(Link link, RawPacket packet, Visit? visit)
    {
        if (packet.Type is RawType.PubRel)
        {
            _held.Remove(packet.PacketId);
            link.Say(Packet.PubComp(packet.PacketId));
            return;
        }

        if (packet.Type is not RawType.Publish)
        {
            Chronicle.Wonder($"{ClientId} got {packet}");
            return;
        }

        var heard = Heard.From(packet);
        if (heard.QoS == 1)
            link.Say(Packet.PubAck(heard.PacketId));
        if (heard.QoS == 2)
            link.Say(Packet.PubRec(heard.PacketId));
        if (heard.QoS != 2 || _held.Add(heard.PacketId))
            Take(heard, visit);
    }

    /// <summary>A session that is not kept takes what is half done with it.</summary>
    protected void ForgetHeld() => _held.Clear();

    private string NameOf(Receipt message) => $"{Chronicle.Streams[message.Stream].TopicOf(message.Number)}#{message.Number}";

    private int NextPacketId() => _lastPacketId = (_lastPacketId % 65_535) + 1;

    private async Task<RawPacket> AnswerAsync(
        Link link, Visit? visit, RawType type, int packetId, CancellationToken cancellation)
    {
        while (true)
        {
            await link.FlushAsync(cancellation);
            var packet = await link.HearAsync(cancellation);
            if (packet.Type == type && packet.PacketId == packetId)
                return packet;
            Handle(link, packet, visit);
        }
    }

    private void Take(Heard heard, Visit? visit)
    {
        if (!LoadPayload.TryRead(heard.Payload, out var message) || message.Stream >= Chronicle.Streams.Count)
        {
            Chronicle.Wonder($"{ClientId} got damaged bytes on {heard.Topic}");
            return;
        }

        var stream = Chronicle.Streams[message.Stream];
        if (heard.Topic != stream.TopicOf(message.Number) || heard.QoS != Audience.QoSOf(stream))
            Chronicle.Wonder($"{ClientId} got {message} on {heard.Topic} with QoS {heard.QoS}");
        Chronicle.Receive(audience, message, visit?.Number ?? 0);
    }
}
