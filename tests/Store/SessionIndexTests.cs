using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using static Orleans.Mqtt.Tests.Store.TestStore;

namespace Orleans.Mqtt.Tests.Store;

public sealed class SessionIndexTests(StoreServers servers)
{
    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Sessions_are_read_slice_by_slice_from_a_place_on(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var ids = Enumerable.Range(0, 200).Select(number => $"c{number:x}").ToArray();
        foreach (var id in ids.Concat(ids[..10]))
            await store.Index.Add(id);
        foreach (var id in ids[..5])
            await store.Index.Remove(id);

        Assert.Equal(195, await store.Index.Count());
        var listed = new List<string>();
        for (var slice = 0; slice < RouteSlices.Count; slice++)
        {
            var after = "";
            while (await store.Index.Read(slice, "c1", after, 3) is { Length: > 0 } page)
            {
                Assert.InRange(page.Length, 1, 3);
                listed.AddRange(page);
                after = page[^1];
            }
        }

        Assert.Equal(
            ids[5..].Where(id => id.StartsWith("c1", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            listed.Order(StringComparer.Ordinal));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_place_before_the_prefix_leaves_nothing_out(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        await store.Index.Add("bb");
        var slice = RouteSlices.Of("bb");

        Assert.Equal(["bb"], await store.Index.Read(slice, "bb", "", 10));
        Assert.Equal(["bb"], await store.Index.Read(slice, "bb", "a", 10));
        Assert.Equal(["bb"], await store.Index.Read(slice, "", "b", 10));
        Assert.Empty(await store.Index.Read(slice, "bb", "bb", 10));
        Assert.Empty(await store.Index.Read(slice, "b", "c", 10));
        Assert.Empty(await store.Index.Read(slice, "c", "", 10));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task The_fields_of_a_session_are_seen_without_taking_it_over(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        Assert.Null(await store.Sessions.Peek("alice"));
        var claim = await store.Claim("alice");
        await store.Sessions.Commit(claim, new SessionChange { Set = [new(Bytes("x"), Bytes("1"))] });

        var fields = await store.Sessions.Peek("alice");

        Assert.Equal(["x"], Texts(fields!.Select(field => field.Key)));
        await store.Sessions.Commit(claim, new SessionChange { Set = [new(Bytes("x"), Bytes("2"))] }); // still its owner
        await store.Claim("alice");
        Assert.Equal(["2"], Texts((await store.Sessions.Peek("alice"))!.Select(field => field.Value)));
    }
}
