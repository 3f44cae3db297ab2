using Orleans.Mqtt.Grains.Storage;
using static Orleans.Mqtt.Tests.Store.TestStore;

namespace Orleans.Mqtt.Tests.Store;

public sealed class OtherStoresTests(StoreServers servers)
{
    private static readonly DateTimeOffset _noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Retained_messages_and_routes_are_kept_by_slice_and_apart(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        byte[] topic = [0, 255, 13, 10];
        await store.Retained.Set(1, [new(topic, Bytes("one")), new(Bytes("b"), topic)]);
        await store.Retained.Set(2, [new(topic, Bytes("two"))]);
        await store.Routes.Set(1, [new(topic, Bytes("route"))]);

        Assert.Equal("one"u8.ToArray(), await store.Retained.Read(1, topic));
        Assert.Null(await store.Retained.Read(3, topic));
        Assert.Equal("route"u8.ToArray(), Assert.Single(await ReadAll(store.Routes, 1)).Value);
        await store.Retained.Change(1, [new(Bytes("c"), Bytes("3"))], [topic, Bytes("absent")]);
        await store.Retained.Remove(1, [Bytes("b")]);
        Assert.Equal("c"u8.ToArray(), Assert.Single(await ReadAll(store.Retained, 1)).Key);
        Assert.Empty(await ReadAll(store.Retained, 7));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_slice_of_many_fields_is_read_whole(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        await Task.WhenAll(Enumerable.Range(0, 5_000).Select(
            number => store.Retained.Set(0, [new(Bytes($"topic/{number}"), new byte[100])])));

        var read = await ReadAll(store.Retained, 0);

        Assert.Equal(5_000, read.Select(field => Convert.ToHexString(field.Key)).Distinct().Count());
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_lease_that_is_not_renewed_expires(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        await store.Gateways.Renew("g1", _noon);
        await store.Gateways.Renew("g2", _noon.AddSeconds(10));
        await store.Gateways.Renew("g1", _noon.AddSeconds(20));

        Assert.Empty(await store.Gateways.ReadExpired(_noon.AddSeconds(9)));
        Assert.Equal(["g2"], await store.Gateways.ReadExpired(_noon.AddSeconds(10)));
        Assert.Equal(["g2", "g1"], await store.Gateways.ReadGateways());
        Assert.True(await store.Gateways.Remove("g2"));
        Assert.False(await store.Gateways.Remove("g2"));
        Assert.Equal(["g1"], await store.Gateways.ReadExpired(_noon.AddHours(1)));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Nobody_is_added_to_a_lease_that_has_ended_and_its_deadline_is_kept(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        Assert.False(await store.Gateways.AddClient("g", "alice"));
        Assert.Null(await store.Gateways.MarkEnded("g"));
        await store.Gateways.Renew("g", _noon);
        Assert.True(await store.Gateways.AddClient("g", "alice"));
        Assert.False(await store.Gateways.IsMarkedEnded("g"));

        Assert.Equal(_noon, await store.Gateways.MarkEnded("g"));
        Assert.Equal(_noon, await store.Gateways.MarkEnded("g"));

        Assert.True(await store.Gateways.IsMarkedEnded("g"));
        Assert.False(await store.Gateways.AddClient("g", "bob"));
        Assert.Equal(["g"], await store.Gateways.ReadExpired(_noon.AddDays(-1)));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_gateway_keeps_the_clients_it_serves(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var clients = Enumerable.Range(0, 2_000).Select(number => $"client{number}").ToArray();
        await store.Gateways.AddClients("g", clients);
        await store.Gateways.AddClients("g", [""]);
        await store.Gateways.RemoveClients("g", clients[..1_000]);

        var read = new HashSet<string>();
        await foreach (var client in store.Gateways.ReadClients("g", TestContext.Current.CancellationToken))
            read.Add(client);

        Assert.Equal([.. clients[1_000..], ""], read);
        await store.Gateways.DeleteClients("g");
        await foreach (var client in store.Gateways.ReadClients("g", TestContext.Current.CancellationToken))
            Assert.Fail(client);
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_timer_is_due_at_its_time_and_stays_until_it_is_removed(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        byte[] member = [0, 1, 255, 10];
        Assert.Null(await store.Due.ReadNext(3));
        await store.Due.Set(3, member, _noon.AddMilliseconds(1));
        await store.Due.Set(3, Bytes("later"), _noon.AddDays(1));
        await store.Due.Set(4, Bytes("elsewhere"), _noon);

        Assert.Empty(await store.Due.ReadDue(3, _noon, 10));
        Assert.Equal(_noon.AddMilliseconds(1), await store.Due.ReadNext(3));
        Assert.Equal([member], await store.Due.ReadDue(3, _noon.AddMilliseconds(1), 10));
        Assert.Equal([member], await store.Due.ReadDue(3, _noon.AddDays(2), 1));
        await store.Due.Set(3, member, _noon.AddDays(2));
        Assert.Equal(["later"], Texts(await store.Due.ReadDue(3, _noon.AddDays(1), 10)));
        Assert.True(await store.Due.Remove(3, member));
        Assert.False(await store.Due.Remove(3, member));
    }

    private static async Task<List<KeyValuePair<byte[], byte[]>>> ReadAll(HashStore store, int slice)
    {
        var read = new List<KeyValuePair<byte[], byte[]>>();
        await foreach (var field in store.ReadAll(slice, TestContext.Current.CancellationToken))
            read.Add(field);

        return read;
    }
}
