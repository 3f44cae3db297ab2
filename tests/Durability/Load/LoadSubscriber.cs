using Orleans.Mqtt.Tests.Durability.Audit;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Durability.Load;

/// <summary>
/// Hears and acknowledges. The identifiers of QoS 2 messages are held until PUBREL, on whatever connection that comes, so
/// that a message sent again is not taken for a new one [MQTT-4.3.3-2].
/// </summary>
internal sealed class LoadSubscriber(int port, int audience, Chronicle chronicle, LoadOptions options, bool comesAndGoes)
    : LoadClient(port, chronicle.Audiences[audience].ClientId, chronicle, options)
{
    private const int LongestAbsenceMilliseconds = 1_500;

    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<int> _held = [];
    private readonly TaskCompletionSource _mayCome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnding;
    private bool _hasLeft;

    /// <summary>Stays away after it has subscribed, until <see cref="ComeBack"/>.</summary>
    public bool StaysAway { get; init; }

    public void ComeBack() => _mayCome.TrySetResult();

    /// <summary>Stays until it has everything that was sent; nobody may publish any more when this is said.</summary>
    public void End()
    {
        ComeBack();
        _isEnding = true;
    }

    protected override async Task BeginAsync(Link link, CancellationToken cancellation)
    {
        var subscriptions = Chronicle.Audiences[audience].Subscriptions;
        link.Say(Packet.Subscribe(1, subscriptions));
        await link.FlushAsync(cancellation);
        var answer = await link.HearAsync(cancellation);
        var granted = answer.Body.Skip(2).Select(code => (int)code);
        if (answer.Type is not RawType.SubAck || !granted.SequenceEqual(subscriptions.Select(wanted => wanted.QoS)))
            Chronicle.Wonder($"{ClientId} was not given what it asked for: {answer}");
    }

    protected override async Task<bool> WorkAsync(Link link, CancellationToken cancellation)
    {
        if (StaysAway && !_mayCome.Task.IsCompleted)
        {
            link.Say(Packet.Disconnect);
            await link.FlushAsync(cancellation);
            await _mayCome.Task.WaitAsync(cancellation);
            return false;
        }

        while (!_isEnding || _held.Count > 0 || !Chronicle.HasAll(audience))
        {
            if (!link.HasPacket)
                await link.FlushAsync(cancellation);

            // Not for ever: the end may be called while there is nothing to hear.
            if (!await link.WaitAsync(_glance, cancellation))
                continue;
            Handle(link, await link.HearAsync(cancellation));
            if (!_isEnding && IsFedUp())
                await LeaveAsync(link, cancellation);
        }

        await link.FlushAsync(cancellation);
        return true;
    }

    protected override TimeSpan Absence()
    {
        var pause = _hasLeft ? TimeSpan.FromMilliseconds(Random.Next(LongestAbsenceMilliseconds)) : base.Absence();
        _hasLeft = false;
        return pause;
    }

    private void Handle(Link link, RawPacket packet)
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
        else
            link.Say(Packet.PubRec(heard.PacketId));
        if (heard.QoS != 2 || _held.Add(heard.PacketId))
            Take(heard);
    }

    private void Take(Heard heard)
    {
        if (!LoadPayload.TryRead(heard.Payload, out var message) || message.Stream >= Chronicle.Streams.Count)
        {
            Chronicle.Wonder($"{ClientId} got damaged bytes on {heard.Topic}");
            return;
        }

        var stream = Chronicle.Streams[message.Stream];
        if (heard.Topic != stream.Topic || heard.QoS != Chronicle.Audiences[audience].QoSOf(stream))
            Chronicle.Wonder($"{ClientId} got {message} on {heard.Topic} with QoS {heard.QoS}");
        Chronicle.Receive(audience, message);
    }

    private async Task LeaveAsync(Link link, CancellationToken cancellation)
    {
        _hasLeft = comesAndGoes;
        if (Random.Next(2) == 0)
        {
            link.Abort();
            return;
        }

        link.Say(Packet.Disconnect);
        await link.FlushAsync(cancellation);
        throw new LinkLostException("we left");
    }
}
