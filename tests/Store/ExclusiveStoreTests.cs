using static Orleans.Mqtt.Tests.Store.TestStore;

namespace Orleans.Mqtt.Tests.Store;

public sealed class ExclusiveStoreTests(StoreServers servers)
{
    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_filter_is_the_first_ones_until_that_one_gives_it_back(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));

        Assert.True(await store.Exclusives.Claim("$exclusive/a", "alice"));
        Assert.True(await store.Exclusives.Claim("$exclusive/a", "alice"));
        Assert.False(await store.Exclusives.Claim("$exclusive/a", "bob"));
        Assert.True(await store.Exclusives.Claim("$exclusive/b", "bob"));
        Assert.False(await store.Exclusives.Release("$exclusive/a", "bob"));
        Assert.False(await store.Exclusives.Claim("$exclusive/a", "bob"));

        Assert.True(await store.Exclusives.Release("$exclusive/a", "alice"));
        Assert.False(await store.Exclusives.Release("$exclusive/a", "alice"));
        Assert.True(await store.Exclusives.Claim("$exclusive/a", "bob"));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Of_many_who_claim_at_once_one_has_it(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(
            number => store.Exclusives.Claim("$exclusive/ü", $"client {number}")));

        Assert.Single(answers, isMine => isMine);
    }
}
