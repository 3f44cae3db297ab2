using Orleans.Mqtt.Tests.Durability.Audit;

namespace Orleans.Mqtt.Tests.Durability.Load;

/// <summary>
/// A client with a session that is kept: it comes back whenever its connection is lost, and expects the broker to remember.
/// </summary>
internal abstract class LoadClient(int port, string clientId, Chronicle chronicle, LoadOptions options)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string ClientId => clientId;

    /// <summary>Ends when the client was in for the first time, subscribed if it subscribes.</summary>
    public Task Ready => _ready.Task;

    protected Chronicle Chronicle => chronicle;

    protected LoadOptions Options => options;

    protected Random Random { get; } = new(unchecked((options.Seed * 7919) + StableHash(clientId)));

    /// <summary>Comes and comes again until its work is done.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (!await ServeAsync(cancellation))
                await Task.Delay(Absence(), cancellation);
        }
        catch (Exception failure)
        {
            _ready.TrySetException(failure);
            throw;
        }
    }

    protected abstract Task BeginAsync(Link link, CancellationToken cancellation);

    /// <summary>Works on one connection; true when there is nothing more to do, false to come again.</summary>
    protected abstract Task<bool> WorkAsync(Link link, CancellationToken cancellation);

    protected virtual TimeSpan Absence() => _pause;

    /// <summary>Now and then a client of this kind loses its connection by its own fault.</summary>
    protected bool IsFedUp() => Random.Next(options.Loyalty) == 0;

    private async Task<bool> ServeAsync(CancellationToken cancellation)
    {
        try
        {
            using var link = await Link.OpenAsync(port, clientId, cancellation);
            if (link.SessionPresent != Ready.IsCompleted)
                chronicle.Wonder($"{clientId} was told that its session is {(link.SessionPresent ? "there" : "gone")}");
            if (!Ready.IsCompleted)
                await BeginAsync(link, cancellation);
            _ready.TrySetResult();
            return await WorkAsync(link, cancellation);
        }
        catch (LinkLostException)
        {
            return false;
        }
    }

    // Those of the framework differ from run to run, and a seed should give the same storm again.
    private static int StableHash(string text) => text.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));
}
