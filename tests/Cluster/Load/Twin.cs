using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Audit;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Load;

/// <summary>What two clients of one name have in common.</summary>
internal sealed class Rivalry
{
    /// <summary>The connection that was welcomed last.</summary>
    public Visit? Latest { get; set; }

    /// <summary>One of them was in and has subscribed.</summary>
    public bool HasSession { get; set; }
}

/// <summary>
/// Promise P5: two of these share a client id and take it from each other, from whatever gateway. The one that has lost it
/// still tries to publish on its old connection, and notes what comes there until the broker has closed it.
/// </summary>
internal sealed class Twin(
    IReadOnlyList<Entrance> entrances, int audience, MessageStream late, Rivalry rivalry, bool isElder,
    Chronicle chronicle, LoadOptions options)
    : LoadListener(entrances, chronicle.Audiences[audience].ClientId, audience, chronicle, options)
{
    private const int LongestAbsenceMilliseconds = 3_000;

    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(50);

    private volatile bool _isEnding;
    private int _lastPacketId;

    protected override bool? HasSession => rivalry.HasSession ? true : null;

    public override void End() => _isEnding = true;

    protected override async Task BeginAsync(Link link, CancellationToken cancellation)
    {
        await SubscribeAsync(link, visit: null, Audience.Subscriptions, cancellation);
        rivalry.HasSession = true;
    }

    protected override async Task<bool> WorkAsync(Link link, Visit visit, CancellationToken cancellation)
    {
        if (rivalry.Latest is null || rivalry.Latest.WelcomedAt < visit.WelcomedAt)
            rivalry.Latest = visit;
        while (true)
        {
            await link.FlushAsync(cancellation);
            if (_isEnding && (!isElder || Chronicle.HasAll(AudienceIndex)))
                return true;
            if (rivalry.Latest != visit)
                await SpeakLateAsync(link, visit, cancellation);
            if (await link.WaitAsync(_glance, cancellation))
                Handle(link, await link.HearAsync(cancellation), visit);
        }
    }

    protected override TimeSpan Absence() =>
        _isEnding ? base.Absence() : TimeSpan.FromMilliseconds(Random.Next(LongestAbsenceMilliseconds));

    /// <summary>Returns never: the broker is to close this connection.</summary>
    private async Task SpeakLateAsync(Link link, Visit visit, CancellationToken cancellation)
    {
        var packetId = _lastPacketId = (_lastPacketId % 60_000) + 1;
        var message = new Receipt(late.Index, Chronicle.Send(late, visit.Number));
        link.Say(Packet.Publish(late.Topic, LoadPayload.Of(message), late.QoS, packetId));
        await link.FlushAsync(cancellation);
        while (await link.WaitAsync(Options.Patience, cancellation))
        {
            var packet = await link.HearAsync(cancellation);
            if (packet.Type is RawType.PubAck && packet.PacketId == packetId)
                Chronicle.Acknowledge(late, message.Number, visit.Number);
            else
                Handle(link, packet, visit);
            await link.FlushAsync(cancellation);
        }

        Chronicle.Wonder($"{ClientId} was taken over, and its older connection was left open");
        throw new LinkLostException("the other one has the name");
    }
}
