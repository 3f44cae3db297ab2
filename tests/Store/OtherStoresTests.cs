using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Storage;
using static Orleans.Mqtt.Tests.Store.TestStore;

namespace Orleans.Mqtt.Tests.Store;

public sealed class OtherStoresTests(StoreServers servers)
{
    private static readonly DateTimeOffset _noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Retained_messages_and_routes_are_kept_by_slice_and_apart(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        byte[] topic = [1, 255, 13, 10];
        var one = await store.Retained.Claim(1);
        var two = await store.Retained.Claim(2);
        var route = await store.Routes.Claim(1);
        await store.Retained.Change(one, [new(topic, Bytes("one")), new(Bytes("b"), topic)], []);
        await store.Retained.Change(two, [new(topic, Bytes("two"))], []);
        await store.Routes.Change(route, [new(topic, Bytes("route"))], []);

        Assert.Equal("route"u8.ToArray(), Assert.Single(await ReadAll(store.Routes, 1)).Value);
        await store.Retained.Change(one, [new(Bytes("c"), Bytes("3"))], [topic, Bytes("absent")]);
        await store.Retained.Change(one, [], [Bytes("b")]);
        Assert.Equal("c"u8.ToArray(), Assert.Single(await ReadAll(store.Retained, 1)).Key);
        Assert.Equal("two"u8.ToArray(), Assert.Single(await ReadAll(store.Retained, 2)).Value);
        Assert.Empty(await ReadAll(store.Retained, 7));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_slice_of_many_fields_is_read_whole(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var claim = await store.Retained.Claim(0);
        await Task.WhenAll(Enumerable.Range(0, 5_000).Select(
            number => store.Retained.Change(claim, [new(Bytes($"topic/{number}"), new byte[100])], [])));

        var read = await ReadAll(store.Retained, 0);

        Assert.Equal(5_000, read.Select(field => Convert.ToHexString(field.Key)).Distinct().Count());
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_writer_who_has_lost_a_slice_changes_nothing_in_it(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var late = await store.Routes.Claim(3);
        await store.Routes.Change(late, [new(Bytes("kept"), Bytes("1"))], [], version: 7);
        var owner = await store.Routes.Claim(3);

        Assert.Equal(7, owner.Version);
        await Assert.ThrowsAsync<StaleOwnerException>(
            () => store.Routes.Change(late, [new(Bytes("late"), Bytes("2"))], [Bytes("kept")], version: 8));
        await store.Routes.Change(owner, [new(Bytes("new"), Bytes("3"))], [], version: 8);

        var (version, fields) = await store.Routes.ReadSlice(3);
        Assert.Equal(8, version);
        Assert.Equal(["kept", "new"], Texts(fields.Select(field => field.Key)).Order());
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_lease_that_is_not_renewed_expires_and_one_that_has_ended_stays_ended(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        await store.Gateways.Begin("g1", _noon, [1]);
        await store.Gateways.Begin("g2", _noon.AddSeconds(10), [2]);
        Assert.True(await store.Gateways.Renew("g1", _noon.AddSeconds(20)));
        Assert.False(await store.Gateways.Renew("never", _noon.AddSeconds(20)));

        var leases = await store.Gateways.ReadLeases();
        Assert.Equal(_noon.AddSeconds(20), leases["g1"]);
        Assert.Equal(_noon.AddSeconds(10), leases["g2"]);
        Assert.Equal([2], await store.Gateways.ReadAddress("g2"));
        Assert.True(await store.Gateways.AddClient("g2", "in time"));

        await store.Gateways.End("g2", _noon);
        Assert.False(await store.Gateways.Renew("g2", _noon.AddSeconds(30)));
        Assert.False(await store.Gateways.AddClient("g2", "too late"));
        Assert.Null(await store.Gateways.ReadAddress("g2"));
        Assert.Equal(["g1"], (await store.Gateways.ReadLeases()).Keys);
        Assert.Equal(["g2"], await store.Gateways.ReadEnded());

        await store.Gateways.Forget("g2");
        Assert.Empty(await store.Gateways.ReadEnded());
        await foreach (var client in store.Gateways.ReadClients("g2", TestContext.Current.CancellationToken))
            Assert.Fail(client);
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_lease_that_has_ended_keeps_its_deadline_until_it_is_forgotten(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        await store.Gateways.Begin("g", _noon, []);

        Assert.Equal(_noon, await store.Gateways.End("g", _noon.AddDays(1)));
        Assert.Equal(_noon, await store.Gateways.End("g", _noon.AddDays(2)));

        Assert.Equal(["g"], await store.Gateways.ReadEnded());
        Assert.False(await store.Gateways.AddClient("g", "late"));
        await store.Gateways.Forget("g");
        Assert.Empty(await store.Gateways.ReadEnded());
        Assert.Equal(_noon, await store.Gateways.End("unknown", _noon));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_gateway_keeps_the_clients_it_serves(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var clients = Enumerable.Range(0, 2_000).Select(number => $"client{number}").ToArray();
        await store.Gateways.Begin("g", _noon, []);
        await Task.WhenAll(clients.Append("").Select(client => store.Gateways.AddClient("g", client)));
        await Task.WhenAll(clients[..1_000].Select(client => store.Gateways.RemoveClient("g", client)));

        var read = new HashSet<string>();
        await foreach (var client in store.Gateways.ReadClients("g", TestContext.Current.CancellationToken))
            read.Add(client);

        Assert.Equal([.. clients[1_000..], ""], read);
        await store.Gateways.Forget("g");
        await foreach (var client in store.Gateways.ReadClients("g", TestContext.Current.CancellationToken))
            Assert.Fail(client);
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_timer_is_due_at_its_time_and_stays_until_it_is_removed(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        byte[] member = [0, 1, 255, 10];
        Assert.Empty(await store.Due.ReadDue(3, _noon.AddDays(3), 10));
        await store.Due.Set(3, member, _noon.AddMilliseconds(1));
        await store.Due.Set(3, Bytes("later"), _noon.AddDays(1));
        await store.Due.Set(4, Bytes("elsewhere"), _noon);

        Assert.Empty(await store.Due.ReadDue(3, _noon, 10));
        Assert.Equal([member], await store.Due.ReadDue(3, _noon.AddMilliseconds(1), 10));
        Assert.Equal([member], await store.Due.ReadDue(3, _noon.AddDays(2), 1));
        await store.Due.Set(3, member, _noon.AddDays(2));
        Assert.Equal(["later"], Texts(await store.Due.ReadDue(3, _noon.AddDays(1), 10)));
        Assert.True(await store.Due.Remove(3, member));
        Assert.False(await store.Due.Remove(3, member));
    }

    private static async Task<List<KeyValuePair<byte[], byte[]>>> ReadAll(HashStore store, int slice)
    {
        var (_, fields) = await store.ReadSlice(slice);
        return fields;
    }
}
