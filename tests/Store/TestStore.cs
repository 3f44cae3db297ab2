using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Grains.Storage;
using StackExchange.Redis;

namespace Orleans.Mqtt.Tests.Store;

/// <summary>All stores over one connection, with keys of their own.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private TestStore(StoreConnection connection)
    {
        Connection = connection;
        Writer = new StoreWriter(connection);
        Sessions = new SessionStore(connection, Writer, TimeProvider.System);
        Retained = new RetainedStore(connection, Writer);
        Routes = new RouteStore(connection, Writer);
        Gateways = new GatewayStore(connection);
        Due = new DueStore(connection);
        Delayed = new DelayedStore(connection, Writer);
        Exclusives = new ExclusiveStore(connection);
        Index = new SessionIndex(connection);
    }

    public StoreConnection Connection { get; }

    public StoreWriter Writer { get; }

    public SessionStore Sessions { get; }

    public RetainedStore Retained { get; }

    public RouteStore Routes { get; }

    public GatewayStore Gateways { get; }

    public DueStore Due { get; }

    public DelayedStore Delayed { get; }

    public ExclusiveStore Exclusives { get; }

    public SessionIndex Index { get; }

    public static async Task<TestStore> Open(ConfigurationOptions where, string? prefix = null, StoreOptions? options = null)
    {
        options ??= new StoreOptions { Prefix = prefix ?? Guid.NewGuid().ToString("N"), Timeout = TimeSpan.FromSeconds(20) };
        return new TestStore(await StoreConnection.OpenAsync(where, options, NullLogger.Instance));
    }

    public async Task<SessionClaim> Claim(string clientId, int firstRecords = 0) =>
        (await Sessions.Claim(clientId, create: true, firstRecords))!;

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await Connection.DisposeAsync();
    }

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static SessionChange Append(params string[] records) =>
        new() { Append = [.. records.Select(Bytes)] };

    public static IEnumerable<string> Texts(IEnumerable<byte[]> records) => records.Select(Encoding.UTF8.GetString);
}
