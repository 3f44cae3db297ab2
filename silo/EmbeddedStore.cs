using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Silo.Embedded;
using StackExchange.Redis;

namespace Orleans.Mqtt.Silo;

/// <summary>
/// A store that speaks the Redis protocol inside this process, its log under the data folder. An answered write is in the
/// log. All data is kept in memory as well, as in Redis.
/// </summary>
internal sealed class EmbeddedStore : IAsyncDisposable
{
    private const int PasswordBytes = 32;

    // Not offered, so that clients do not ask.
    private static readonly HashSet<string> _missing =
        ["SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "PUBLISH", "CLUSTER", "SENTINEL", "HELLO"];

    private readonly DataFolder _folder;
    private readonly Engine _engine;
    private readonly Scripts _scripts;
    private readonly Listener _listener;
    private readonly string _password = Convert.ToHexString(RandomNumberGenerator.GetBytes(PasswordBytes));
    private readonly EmbeddedStoreOptions _options;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _upkeep;

    private EmbeddedStore(DataFolder folder, Engine engine, EmbeddedStoreOptions options, ILogger log)
    {
        _folder = folder;
        _engine = engine;
        _options = options;
        _log = log;
        _scripts = new Scripts(engine.Database);
        var password = Encoding.ASCII.GetBytes(_password);
        _listener = new Listener(
            socket => new Embedded.Client(socket, engine, new Session(engine.Database, _scripts, password), log));
        _upkeep = Task.Run(KeepHouseAsync);
    }

    /// <summary>How to reach it, as a fresh copy. Port and password change at each start, so that no other user of this machine gets in.</summary>
    public ConfigurationOptions Configuration => new()
    {
        EndPoints = { _listener.EndPoint },
        Password = _password,
        CommandMap = CommandMap.Create(_missing, available: false),
        Protocol = RedisProtocol.Resp2,
        TieBreaker = "",
        ConfigurationChannel = "",
    };

    public StoreSize Size
    {
        get
        {
            lock (_engine.Database.Gate)
            {
                return new StoreSize(
                    _engine.Database.Keys.Count, _engine.LogBytes, Math.Max(_options.LogLimitBytes, _engine.SnapshotBytes),
                    _engine.SnapshotBytes, _engine.Log.Pending.Length, CommandLog.MostPendingBytes,
                    _engine.Database.Scans.Open, Scans.MostCursors);
            }
        }
    }

    /// <summary>Starts the store over what is in the folder, or over nothing.</summary>
    /// <exception cref="DataFolderException">The folder is taken, cannot be written or cannot be read.</exception>
    public static EmbeddedStore Start(
        string dataFolder, EmbeddedStoreOptions? options = null, ILoggerFactory? loggers = null)
    {
        options ??= new EmbeddedStoreOptions();
        var log = (loggers ?? NullLoggerFactory.Instance).CreateLogger<EmbeddedStore>();
        var folder = DataFolder.Hold(dataFolder);
        try
        {
            var engine = Engine.Open(folder.Path, TimeProvider.System, options.SyncEachWrite);
            if (engine.TornBytes > 0)
                log.LogWasTorn(engine.TornBytes);

            return new EmbeddedStore(folder, engine, options, log);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            folder.Dispose();
            throw DataFolder.Unusable(folder.Path, failure);
        }
        catch (InvalidDataException broken)
        {
            folder.Dispose();
            throw new DataFolderException(
                $"The data folder '{folder.Path}' is damaged: {broken.Message} Restore it, or choose another one with --data.",
                broken);
        }
    }

    /// <summary>Whether it has the key now: for those in this process, without a round trip.</summary>
    public bool Holds(byte[] key)
    {
        lock (_engine.Database.Gate)
            return _engine.Database.Keys.Find(key) is not null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _upkeep;
        await _listener.DisposeAsync();
        _engine.Dispose();
        _scripts.Dispose();
        _folder.Dispose();
        _stopping.Dispose();
    }

    private async Task KeepHouseAsync()
    {
        using var ticks = new PeriodicTimer(_options.UpkeepInterval);
        try
        {
            while (await ticks.WaitForNextTickAsync(_stopping.Token))
                KeepHouse();
        }
        catch (OperationCanceledException)
        {
            // the store is being closed
        }
    }

    private void KeepHouse()
    {
        try
        {
            _engine.Log.Sync();
            var logBytes = _engine.LogBytes;
            if (logBytes <= Math.Max(_options.LogLimitBytes, _engine.SnapshotBytes))
                return;

            var watch = Stopwatch.StartNew();
            _engine.TakeSnapshot(_stopping.Token);
            _log.SnapshotTaken(watch.Elapsed, _engine.SnapshotBytes, logBytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _log.UpkeepFailed(failure); // the disk may be full now and not later
        }
    }
}
