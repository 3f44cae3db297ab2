using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Silo;
using Orleans.Mqtt.Storage;
using Orleans.Mqtt.Tests.Support;
using StackExchange.Redis;
using static Orleans.Mqtt.Tests.Store.TestStore;

namespace Orleans.Mqtt.Tests.Store;

/// <summary>P1: what was acknowledged is there after a restart, and while the store is away nothing is acknowledged.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Redis_killed_hard_has_all_that_was_acknowledged_and_is_used_again_when_it_is_back()
    {
        await using var redis = new RedisProcess();
        await redis.StartAsync();
        await using var store = await Open(ConfigurationOptions.Parse(redis.Address));
        var claim = await store.Claim("alice");
        var acknowledged = 0;
        var writing = Task.Run(async () =>
        {
            while (true)
            {
                await store.Sessions.Commit(claim, Append(acknowledged.ToString(CultureInfo.InvariantCulture)));
                Interlocked.Increment(ref acknowledged);
            }
        }, TestContext.Current.CancellationToken);
        while (Volatile.Read(ref acknowledged) < 500)
            await Task.Yield();

        await redis.KillAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => writing);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Claim("bob"));
        await Eventually.ThatAsync(() => !store.Connection.IsUp);
        await redis.StartAsync();
        await Eventually.ThatAsync(() => store.Connection.IsUp);
        var next = await store.Claim("alice", firstRecords: 100_000);
        Assert.InRange(next.QueueLength, acknowledged, acknowledged + 1);
        Assert.Equal(
            Enumerable.Range(0, (int)next.QueueLength).Select(number => number.ToString(CultureInfo.InvariantCulture)),
            Texts(next.FirstRecords));
    }

    [Fact]
    public async Task Writes_to_a_store_that_has_gone_fail_and_nothing_of_them_is_written_later()
    {
        await using var redis = new RedisProcess();
        await redis.StartAsync();
        await using var store = await Open(ConfigurationOptions.Parse(redis.Address));
        var retained = await store.Retained.Claim(0);
        await redis.KillAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => store.Retained.Change(retained, [new(Bytes("a"), Bytes("1"))], []));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Due.Set(0, Bytes("a"), DateTimeOffset.UnixEpoch));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Gateways.ReadLeases());

        await redis.StartAsync();
        await Eventually.ThatAsync(() => store.Connection.IsUp);
        Assert.Empty((await store.Retained.ReadSlice(0)).Fields);
        await store.Retained.Change(retained, [new(Bytes("a"), Bytes("2"))], []);
        Assert.Equal("2"u8.ToArray(), Assert.Single((await store.Retained.ReadSlice(0)).Fields).Value);
    }

    [Fact]
    public async Task A_store_that_hangs_is_away_though_its_connections_are_there()
    {
        await using var redis = new RedisProcess();
        await redis.StartAsync();
        await using var store = await Open(ConfigurationOptions.Parse(redis.Address));
        await Eventually.ThatAsync(() => store.Connection.UpFor > TimeSpan.Zero);

        redis.Pause();
        await Eventually.ThatAsync(() => !store.Connection.IsUp);
        Assert.Equal(TimeSpan.Zero, store.Connection.UpFor);

        redis.Resume();
        await Eventually.ThatAsync(() => store.Connection.IsUp);
    }

    [Fact]
    public async Task The_embedded_store_has_everything_after_a_restart()
    {
        using var folder = new TestFolder();
        byte[] member = [1, 0, 13];
        await using (var embedded = EmbeddedStore.Start(folder.Path))
        await using (var store = await Open(embedded.Configuration, "p"))
        {
            var claim = await store.Claim("alice");
            await store.Sessions.Commit(claim, new SessionChange
            {
                Append = [Bytes("1"), new byte[6_000_000], Bytes("3")],
                Set = [new(Bytes("f"), member)],
            });
            await store.Sessions.Commit(await store.Claim("alice"), new SessionChange { Trim = 1 });
            var retained = await store.Retained.Claim(1);
            await store.Retained.Change(retained, [new(member, new byte[9_000_000]), new(Bytes("b"), Bytes("2"))], []);
            await store.Due.Set(1, member, DateTimeOffset.UnixEpoch);
            await store.Gateways.AddClient("g", "alice");
        }

        await using (var embedded = EmbeddedStore.Start(folder.Path))
        await using (var store = await Open(embedded.Configuration, "p"))
        {
            var claim = await store.Claim("alice", firstRecords: 10);
            Assert.Equal([6_000_000, 1], claim.FirstRecords.Select(record => record.Length));
            Assert.Equal(member, Assert.Single(claim.Fields).Value);
            var (_, retained) = await store.Retained.ReadSlice(1);
            Assert.Equal(9_000_000, retained.Single(field => field.Key.SequenceEqual(member)).Value.Length);
            Assert.Equal([member], await store.Due.ReadDue(1, DateTimeOffset.UnixEpoch, 5));
            await foreach (var client in store.Gateways.ReadClients("g", TestContext.Current.CancellationToken))
                Assert.Equal("alice", client);
        }
    }

    [Fact]
    public async Task A_store_that_was_closed_is_unavailable()
    {
        using var folder = new TestFolder();
        var embedded = EmbeddedStore.Start(folder.Path);
        await using var store = await Open(embedded.Configuration, options: new StoreOptions { Timeout = TimeSpan.FromSeconds(1) });
        var claim = await store.Claim("alice");

        await embedded.DisposeAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Sessions.Commit(claim, Append("1")));
        Assert.True(claim.IsBroken);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_redis_without_a_log_is_warned_about_once(bool persists)
    {
        await using var redis = new RedisProcess("--appendonly", persists ? "yes" : "no");
        await redis.StartAsync();
        var log = new CollectingLog();

        await using var connection = await StoreConnection.OpenAsync(ConfigurationOptions.Parse(redis.Address), new StoreOptions(), log);

        Assert.Equal(persists ? [] : [1500], log.Events.Where(entry => entry.Id is 1500).Select(entry => entry.Id));
    }

    private sealed class CollectingLog : ILogger
    {
        public List<EventId> Events { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Events)
                Events.Add(eventId);
        }
    }
}
