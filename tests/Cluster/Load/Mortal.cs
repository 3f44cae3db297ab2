using System.Diagnostics;
using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Audit;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Load;

/// <summary>
/// Promise P6: every connection leaves a will of its own with its CONNECT, and ends in one way or another: cut off, taken
/// over by the next one, politely, or with its gateway.
/// </summary>
internal sealed class Mortal(
    IReadOnlyList<Entrance> entrances, MessageStream will, bool isKept, Chronicle chronicle, LoadOptions options)
    : LoadClient(entrances, will.Publisher, chronicle, options), IDisposable
{
    private const int LongestLifeMilliseconds = 6_000;

    // A goodbye that takes longer may have met a lease that had run out, and the will was rightly published.
    private static readonly TimeSpan _promptly = TimeSpan.FromSeconds(2);
    // The lease may have ended before the goodbye, and the gateway have learnt it after: it asks once a second.
    private static readonly TimeSpan _untilLeaseIsKnown = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(500);

    private volatile bool _isEnding;
    private int _number;
    private bool _saidGoodbye;
    private bool _isLeftOpen;
    private Link? _older;

    protected override bool IsKept => isKept;

    public override void End() => _isEnding = true;

    public void Dispose() => _older?.Dispose();

    protected override ConnectOptions Introduce(Visit visit)
    {
        _number = Chronicle.Send(will, visit.Number);
        var payload = LoadPayload.Of(new Receipt(will.Index, _number));
        return base.Introduce(visit) with { Will = new Will(will.Topic, payload, will.QoS) };
    }

    protected override async Task<bool> WorkAsync(Link link, Visit visit, CancellationToken cancellation)
    {
        _saidGoodbye = _isLeftOpen = false;
        await LiveAsync(link, cancellation);
        switch (Random.Next(4))
        {
            case 0:
                await SayGoodbyeAsync(link, cancellation);
                break;
            case 1 when !_isEnding:
                _isLeftOpen = true;
                break;
            default:
                link.Abort();
                break;
        }

        return _isEnding;
    }

    protected override void PartWith(Link link, Visit visit)
    {
        if (!_saidGoodbye)
            Chronicle.Demand(will, _number);
        _older?.Dispose(); // whoever took it over is in, or gone as well
        _older = _isLeftOpen ? link : null;
        if (!_isLeftOpen)
            link.Dispose();
    }

    /// <summary>Stays for a while, unless the connection is lost before.</summary>
    private async Task LiveAsync(Link link, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var life = TimeSpan.FromMilliseconds(Random.Next(LongestLifeMilliseconds));
        while (Stopwatch.GetElapsedTime(began) < life && !_isEnding)
        {
            link.Say(Packet.PingReq);
            await link.FlushAsync(cancellation);
            var answer = await link.HearAsync(cancellation);
            if (answer.Type is not RawType.PingResp)
                Chronicle.Wonder($"{ClientId} got {answer}");
            await link.WaitAsync(_glance, cancellation); // for the end of the connection; nothing else can come
        }
    }

    private async Task SayGoodbyeAsync(Link link, CancellationToken cancellation)
    {
        var troubles = Entrance.Troubles;
        var began = Stopwatch.GetTimestamp();
        _saidGoodbye = true;
        try
        {
            link.Say(Packet.Disconnect);
            await link.FlushAsync(cancellation);
            if (await link.WaitAsync(Options.Patience, cancellation))
                Chronicle.Wonder($"{ClientId} got {await link.HearAsync(cancellation)} after its goodbye");
        }
        catch (LinkLostException)
        {
            var wasPrompt = Stopwatch.GetElapsedTime(began) < _promptly;
            await Task.Delay(_untilLeaseIsKnown, CancellationToken.None);
            if (wasPrompt && Entrance.IsCalmSince(troubles))
                Chronicle.Withdraw(will, _number); // the broker has closed the connection, so it has heard the goodbye
            else
                Chronicle.Excuse(will, _number); // it may have died before it heard
        }
    }
}
