using Orleans.Mqtt.Tests.Support.Audit;

namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>
/// A client that comes back, at any entrance, whenever its connection is lost; with a session that is kept it expects the
/// broker to remember.
/// </summary>
internal abstract class LoadClient(
    IReadOnlyList<Entrance> entrances, string clientId, Chronicle chronicle, LoadOptions options)
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasTried;
    private bool _hasBegun;

    public string ClientId => clientId;

    /// <summary>Ends when the client was in for the first time, subscribed if it subscribes.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Connections that were lost although the client wanted to stay.</summary>
    public int LostConnections { get; private set; }

    protected Chronicle Chronicle => chronicle;

    protected LoadOptions Options => options;

    /// <summary>Where the present connection was made.</summary>
    protected Entrance Entrance { get; private set; } = entrances[0];

    protected Random Random { get; } = new(unchecked((options.Seed * 7919) + StableHash(clientId)));

    /// <summary>Whether the session outlives its connection.</summary>
    protected virtual bool IsKept => true;

    /// <summary>Whether the broker has the session; unknown when an earlier CONNECT was not answered.</summary>
    protected virtual bool? HasSession => !IsKept ? false : _hasBegun ? true : _hasTried ? null : false;

    public override string ToString() => clientId;

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

    /// <summary>Lets the client come to the end of its work.</summary>
    public abstract void End();

    /// <summary>What the CONNECT says.</summary>
    protected virtual ConnectOptions Introduce(Visit visit) => new() { ClientId = clientId, CleanSession = !IsKept };

    /// <summary>The work on this connection is over: it is closed, if it is not lost already.</summary>
    protected virtual void PartWith(Link link, Visit visit) => link.Dispose();

    /// <summary>What is done once a session: on the first connection, or on each when the session is not kept.</summary>
    protected virtual Task BeginAsync(Link link, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Works on one connection; true when there is nothing more to do, false to come again.</summary>
    protected abstract Task<bool> WorkAsync(Link link, Visit visit, CancellationToken cancellation);

    protected virtual TimeSpan Absence() => options.Pause * (0.5 + Random.NextDouble());

    /// <summary>Now and then a client of this kind loses its connection by its own fault.</summary>
    protected bool IsFedUp() => Random.Next(options.Loyalty) == 0;

    private async Task<bool> ServeAsync(CancellationToken cancellation)
    {
        var visit = chronicle.Begin(clientId);
        var expected = HasSession;
        _hasTried = true;
        Link link;
        try
        {
            Entrance = entrances[Random.Next(entrances.Count)];
            link = await Link.OpenAsync(Entrance.Port, Introduce(visit), options, cancellation);
        }
        catch (LinkLostException)
        {
            return false;
        }

        visit.Welcome();
        if (expected is { } isThere && link.SessionPresent != isThere)
            chronicle.Wonder($"{clientId} was told that its session is {(link.SessionPresent ? "there" : "gone")}");
        try
        {
            if (!_hasBegun || !IsKept)
                await BeginAsync(link, cancellation);
            _hasBegun = true;
            _ready.TrySetResult();
            return await WorkAsync(link, visit, cancellation);
        }
        catch (LinkLostException)
        {
            LostConnections++;
            return false;
        }
        finally
        {
            PartWith(link, visit);
        }
    }

    // Those of the framework differ from run to run, and a seed should give the same storm again.
    private static int StableHash(string text) => text.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));
}
