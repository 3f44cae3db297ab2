using Orleans.Mqtt.Tests.Support.Audit;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Load;

/// <summary>Publishes when it is asked to, at once.</summary>
internal sealed class Herald(
    IReadOnlyList<Entrance> entrances, MessageStream stream, Chronicle chronicle, LoadOptions options)
    : LoadPublisher(entrances, [stream], chronicle, options), IDisposable
{
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _wanted = new(0);
    private int _asked;
    private int _said;

    public MessageStream Stream => stream;

    public void Dispose() => _wanted.Dispose();

    public void Ask()
    {
        Interlocked.Increment(ref _asked);
        _wanted.Release();
    }

    protected override MessageStream? NextStream()
    {
        if (_said == Volatile.Read(ref _asked))
            return null;
        _said++;
        return stream;
    }

    protected override bool IsDone() => IsEnding && _said == Volatile.Read(ref _asked);

    // Not for ever: the end may be called meanwhile.
    protected override Task IdleAsync(CancellationToken cancellation) => _wanted.WaitAsync(_glance, cancellation);
}
