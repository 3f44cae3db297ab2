using System.Diagnostics;
using Orleans.Mqtt.Tests.Support.Audit;

namespace Orleans.Mqtt.Tests.Cluster.Storms;

/// <summary>
/// Tells when everybody is served again: each publisher has an acknowledgement, and each subscriber of what is published all
/// the time has heard a message, for something that was sent after this watch began.
/// </summary>
internal sealed class ServiceWatch
{
    private readonly Chronicle _chronicle;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly List<IGrouping<string, MessageStream>> _silent;
    private readonly List<int> _deaf;

    public ServiceWatch(Chronicle chronicle)
    {
        _chronicle = chronicle;
        var streams = chronicle.Streams.Where(stream => stream.Kind is StreamKind.Published).ToArray();
        _silent = [.. streams.GroupBy(stream => stream.Publisher)];
        _deaf = [.. Enumerable.Range(0, chronicle.Audiences.Count)
            .Where(audience => streams.Any(stream => chronicle.Audiences[audience].QoSOf(stream) is not null))];
    }

    public async Task<bool> UntilFullAsync(TimeSpan patience)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!IsFull())
        {
            if (Stopwatch.GetElapsedTime(_began) > patience)
                return false;
            await ticks.WaitForNextTickAsync();
        }

        return true;
    }

    public override string ToString() =>
        $"no acknowledgement for {string.Join(' ', _silent.Select(publisher => publisher.Key))}; "
        + $"nothing new at {string.Join(' ', _deaf.Select(audience => _chronicle.Audiences[audience].ClientId))}";

    private bool IsFull()
    {
        _silent.RemoveAll(publisher => publisher.Any(stream => _chronicle.HasAcknowledged(stream, since: _began)));
        _deaf.RemoveAll(audience => _chronicle.HasHeard(audience, since: _began));
        return _silent.Count == 0 && _deaf.Count == 0;
    }
}
