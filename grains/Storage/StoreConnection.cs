using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Storage;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>The connections to the store, one a lane, with the names of the keys and the health of it all.</summary>
internal sealed class StoreConnection : IStoreHealth, IAsyncDisposable
{
    private readonly IConnectionMultiplexer[] _lanes;
    private readonly IDatabase[] _databases;
    private readonly ILogger _log;
    private readonly StoreProbe _probe;

    private StoreConnection(IConnectionMultiplexer[] lanes, StoreOptions options, ILogger log)
    {
        _lanes = lanes;
        _log = log;
        Options = options;
        Keys = new StoreKeys(options.Prefix);
        _databases = [.. lanes.Select(lane => lane.GetDatabase(options.Database))];
        _probe = new StoreProbe(_databases, lanes.All(lane => lane.IsConnected), TimeProvider.System, log);
        foreach (var lane in lanes)
        {
            lane.ConnectionFailed += (_, _) =>
            {
                // One of several servers may be missed by nobody; the probe tells.
                if (!lane.IsConnected)
                    _probe.NoteBroken();
            };
        }
    }

    public StoreOptions Options { get; }

    public StoreKeys Keys { get; }

    public int Lanes => _databases.Length;

    /// <summary>Whether every lane is answered.</summary>
    public bool IsUp => _probe.IsUp;

    public TimeSpan UpFor => _probe.UpFor;

    public bool Explains(Exception failure) => failure is StoreUnavailableException || !IsUp;

    /// <summary>Where reads and the rare single commands go.</summary>
    public IDatabase Database => _databases[0];

    public IDatabase Lane(int lane) => _databases[lane];

    /// <summary>Connects, or keeps trying in the background where the store is not there yet.</summary>
    public static async Task<StoreConnection> OpenAsync(ConfigurationOptions where, StoreOptions options, ILogger log)
    {
        var lanes = new IConnectionMultiplexer[options.Lanes];
        for (var lane = 0; lane < lanes.Length; lane++)
            lanes[lane] = await ConnectionMultiplexer.ConnectAsync(Configure(where, options));

        var connection = new StoreConnection(lanes, options, log);
        await connection.CheckPersistence();
        return connection;
    }

    /// <summary>Asks something that changes nothing, or whose outcome the caller can find out again.</summary>
    public async Task<T> Ask<T>(Func<IDatabase, Task<T>> question)
    {
        try
        {
            return await question(Database);
        }
        catch (Exception failure) when (IsStoreFailure(failure))
        {
            throw new StoreUnavailableException(failure.Message, failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _probe.DisposeAsync();
        foreach (var lane in _lanes)
            await lane.DisposeAsync();
    }

    internal static bool IsStoreFailure(Exception failure) =>
        failure is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    private static ConfigurationOptions Configure(ConfigurationOptions where, StoreOptions options)
    {
        var configuration = where.Clone();

        // Nothing may be sent again after its outcome became unknown: the caller decides, it knows the identities (P2).
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.AbortOnConnectFail = false;
        configuration.AllowAdmin = true; // CONFIG GET, to learn whether the store persists
        configuration.ConnectTimeout = (int)options.Timeout.TotalMilliseconds;
        configuration.SyncTimeout = (int)options.Timeout.TotalMilliseconds;
        configuration.AsyncTimeout = (int)options.Timeout.TotalMilliseconds;
        configuration.ReconnectRetryPolicy = new LinearRetry(500);
        configuration.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
        return configuration;
    }

    private async Task CheckPersistence()
    {
        foreach (var server in _lanes[0].GetServers().Where(server => server.IsConnected && !server.IsReplica))
        {
            var endpoint = Convert.ToString(server.EndPoint, CultureInfo.InvariantCulture) ?? "?";
            try
            {
                var setting = (await server.ConfigGetAsync("appendonly")).FirstOrDefault().Value;
                if (setting is null)
                    _log.PersistenceUnknown(endpoint, "it does not say");
                else if (setting is not "yes")
                    _log.StoreDoesNotPersist(endpoint, setting);
            }
            catch (Exception refused) when (IsStoreFailure(refused))
            {
                _log.PersistenceUnknown(endpoint, refused.Message); // hosted services often forbid CONFIG
            }
        }
    }
}
