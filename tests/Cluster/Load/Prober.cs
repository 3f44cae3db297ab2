using System.Diagnostics;
using Orleans.Mqtt.Tests.Support.Audit;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Load;

/// <summary>
/// Promise P4: subscribes to a topic that nobody has ever named, has a herald, maybe on another gateway, publish on it the
/// moment the SUBACK is there, and waits for that. A session that is not kept loses its claim with its connection.
/// </summary>
internal sealed class Prober(
    IReadOnlyList<Entrance> entrances, int audience, Herald herald, bool isKept, Chronicle chronicle, LoadOptions options)
    : LoadListener(entrances, chronicle.Audiences[audience].ClientId, audience, chronicle, options)
{
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(200);

    private volatile bool _isEnding;
    private int _next;
    private bool _isAsked;

    protected override bool IsKept => isKept;

    private Receipt Awaited => new(herald.Stream.Index, _next);

    public override void End() => _isEnding = true;

    protected override async Task<bool> WorkAsync(Link link, Visit visit, CancellationToken cancellation)
    {
        if (!isKept)
        {
            ForgetHeld();
            await ForgoAsync(cancellation);
        }

        while (_isAsked || !_isEnding)
        {
            var topic = herald.Stream.TopicOf(_next);
            if (!_isAsked)
                await SubscribeAsync(link, visit, [(topic, Audience.Subscriptions[0].QoS)], cancellation);
            if (!_isAsked)
                herald.Ask();
            _isAsked = true;
            await HearAsync(link, visit, cancellation);
            _isAsked = false;
            _next++;
            await UnsubscribeAsync(link, visit, topic, cancellation);
            await Task.Delay(Absence(), cancellation);
        }

        return true;
    }

    /// <summary>Waits for what was asked for, but not for ever: the judge will say that it is lost.</summary>
    private async Task HearAsync(Link link, Visit visit, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        while (!Chronicle.HasReceived(AudienceIndex, Awaited) && Stopwatch.GetElapsedTime(began) < Options.Patience)
        {
            await link.FlushAsync(cancellation);
            if (await link.WaitAsync(_glance, cancellation))
                Handle(link, await link.HearAsync(cancellation), visit);
        }

        if (!Chronicle.HasReceived(AudienceIndex, Awaited))
            Chronicle.Wonder($"{ClientId} never heard {herald.Stream.TopicOf(_next)}");
    }

    private async Task ForgoAsync(CancellationToken cancellation)
    {
        if (!_isAsked)
            return;

        while (Chronicle.Sent(herald.Stream.Index) <= _next)
            await Task.Delay(_glance, cancellation);
        Chronicle.Excuse(herald.Stream, _next++);
        _isAsked = false;
    }
}
