using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Garnet.server;
using Garnet.server.Auth.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using Tsavorite.core;

namespace Orleans.Mqtt.Silo;

/// <summary>
/// A store that speaks the Redis protocol inside this process, its log under the data folder. An answered write is on
/// disk. All data is kept in memory as well, as in Redis.
/// </summary>
internal sealed class EmbeddedStore : IAsyncDisposable
{
    private const int PasswordBytes = 32;
    private const int StartAttempts = 5;
    private readonly DataFolder _folder;
    private readonly GarnetProcess _garnet;
    private readonly EndPoint _endpoint;
    private readonly string _password;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _upkeep;

    private EmbeddedStore(
        DataFolder folder, GarnetProcess garnet, EndPoint endpoint, string password, TimeSpan interval, ILogger log)
    {
        _folder = folder;
        _garnet = garnet;
        _endpoint = endpoint;
        _password = password;
        _log = log;
        _upkeep = Task.Run(() => KeepHouseAsync(interval));
    }

    /// <summary>How to reach it, as a fresh copy. The password is another one at each start, so that no other user of this machine gets in.</summary>
    public ConfigurationOptions Configuration => new() { EndPoints = { _endpoint }, Password = _password };

    /// <summary>Starts the store over what is in the folder, or over nothing.</summary>
    /// <exception cref="DataFolderException">The folder is taken, cannot be written or cannot be read.</exception>
    public static EmbeddedStore Start(
        string dataFolder, EmbeddedStoreOptions? options = null, ILoggerFactory? loggers = null)
    {
        options ??= new EmbeddedStoreOptions();
        loggers ??= NullLoggerFactory.Instance;
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(PasswordBytes));
        var folder = DataFolder.Hold(dataFolder);
        try
        {
            var (garnet, endpoint) = StartGarnet(folder.Path, password, options, loggers);
            return new EmbeddedStore(
                folder, garnet, endpoint, password, options.UpkeepInterval, loggers.CreateLogger<EmbeddedStore>());
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _upkeep;
        await _garnet.FlushAsync();
        _garnet.Dispose();
        _folder.Dispose();
        _stopping.Dispose();
    }

    private static (GarnetProcess Garnet, EndPoint Endpoint) StartGarnet(
        string folder, string password, EmbeddedStoreOptions options, ILoggerFactory loggers)
    {
        for (var attempt = 1; ; attempt++)
        {
            var endpoint = FreeEndpoint();
            GarnetProcess? garnet = null;
            try
            {
                garnet = new GarnetProcess(Settings(folder, endpoint, password, options), loggers, options);
                garnet.Start();
                garnet.StartAfreshAsync(CancellationToken.None).GetAwaiter().GetResult();
                return (garnet, endpoint);
            }
            catch (SocketException) when (attempt < StartAttempts)
            {
                garnet?.Dispose(); // somebody took the port between our look and Garnet's: try another one
            }
            catch (Exception failure)
            {
                garnet?.Dispose();
                throw new DataFolderException(
                    $"The store in '{folder}' does not start: {failure.Message} Its files are left as they are; restore them, or choose another folder with --data.",
                    failure);
            }
        }
    }

    private static GarnetServerOptions Settings(
        string folder, IPEndPoint endpoint, string password, EmbeddedStoreOptions limits) => new()
        {
            EndPoints = [endpoint],
            AuthSettings = new PasswordAuthenticationSettings(password),
            QuietMode = true,
            DisablePubSub = true,
            MaxDatabases = 1,

            // An answer leaves when the log is on disk (P1); scripts and transactions are replayed whole or not at all.
            EnableAOF = true,
            WaitForCommit = true,
            CommitFrequencyMs = 0,
            EnableLua = true,
            LuaOptions = new LuaOptions(
                LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Silent, []),
            LuaTransactionMode = true,
            Recover = true,
            FailOnRecoveryError = true, // rather no broker than one that has forgotten
            CheckpointDir = folder,
            DeviceType = DeviceType.RandomAccess, // the native device ends the process where libaio is missing

            // Pages are taken as they fill, so a store at rest is small. The limit is beyond the machine's memory on
            // purpose: what passes it would be dropped, and Garnet 2.2.8 does not recover objects it has moved to disk.
            LogMemorySize = Bytes(Math.Max(64L << 30, 2 * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)),
            PageSize = "1m",
            IndexMemorySize = "4m",
            IndexMaxMemorySize = "1g",
            AofMemorySize = "16m",
            AofPageSize = "4m",
            AofSegmentSize = "16m",

            // Revivification would save the compaction, but loses records over a checkpoint (2.2.8).
            SegmentSize = Bytes(limits.GarbageLimitBytes),
            CompactionType = LogCompactionType.Lookup,
            CompactionMaxSegments = 1,
            CompactionFrequencySecs = (int)Math.Ceiling(limits.UpkeepInterval.TotalSeconds),
        };

    private async Task KeepHouseAsync(TimeSpan interval)
    {
        using var ticks = new PeriodicTimer(interval);
        try
        {
            while (await ticks.WaitForNextTickAsync(_stopping.Token))
            {
                try
                {
                    await _garnet.KeepHouseAsync(_stopping.Token);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    _log.UpkeepFailed(failure); // the disk may be full now and not later
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the store is being closed
        }
    }

    private static IPEndPoint FreeEndpoint()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }

    private static string Bytes(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);
}
