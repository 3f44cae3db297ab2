using System.Text;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>P4: what is subscribed is known to every silo, whoever comes and goes.</summary>
public class RouteTests(SiloCluster cluster) : IClassFixture<SiloCluster>
{
    [Fact]
    public async Task A_route_is_in_the_table_of_every_silo_when_the_change_returns()
    {
        for (var i = 0; i < 200; i++)
        {
            await ChangeAsync($"every/{i}", RouteOptions.LiveQoS0);
            Assert.All(cluster.Parts<RouteTable>(), table => Assert.True(Knows(table, $"every/{i}")));
        }

        await ChangeAsync("every/0", RouteOptions.None);
        Assert.All(cluster.Parts<RouteTable>(), table => Assert.False(Knows(table, "every/0")));
    }

    [Fact]
    public async Task A_silo_that_joins_while_routes_change_has_all_of_them()
    {
        using var stop = new CancellationTokenSource();
        var changing = Enumerable.Range(0, 4).Select(async writer =>
        {
            var made = new List<string>();
            while (!stop.IsCancellationRequested)
            {
                made.Add($"join/{writer}/{made.Count}");
                await ChangeAsync(made[^1], RouteOptions.LiveQoS0);
                if (made.Count % 3 == 0)
                    await ChangeAsync(made[^2], RouteOptions.None);
            }

            return made;
        }).ToArray();

        var silo = await cluster.StartSiloAsync();
        var table = cluster.Part<RouteTable>(silo);
        Assert.True(cluster.Part<RouteReplica>(silo).Filled.IsCompletedSuccessfully);
        await ChangeAsync("join/last", RouteOptions.LiveQoS0);
        Assert.True(Knows(table, "join/last"));
        await stop.CancelAsync();
        var filters = (await Task.WhenAll(changing)).SelectMany(made => made).ToArray();

        Assert.True(filters.Length > 20);
        var known = cluster.Parts<RouteTable>().Select(each => filters.Where(filter => Knows(each, filter)).ToArray()).ToArray();
        Assert.All(known, each => Assert.Equal(known[0], each));
        Assert.All(filters.Where((_, at) => at == 0), filter => Assert.True(Knows(table, filter)));
    }

    [Fact]
    public async Task A_second_activation_takes_the_slice_and_what_it_changed_unheard_is_mended()
    {
        await ChangeAsync("double/a", RouteOptions.LiveQoS0);
        var slice = RouteSlices.Of("double/a");
        var version = await cluster.Grain<IRouteGrain>(slice).Greet(cluster.Active[0]);

        // Another activation has the slice, changes it and dies before it tells anybody.
        var store = cluster.Part<RouteStore>(cluster.Active[0]);
        var claim = await store.Claim(slice);
        Assert.Equal(version, claim.Version);
        await store.Change(claim, [new(Field("double/unheard"), new byte[] { (byte)RouteOptions.LiveQoS0 })], [], version + 1);
        Assert.All(cluster.Parts<RouteTable>(), table => Assert.False(Knows(table, "double/unheard")));

        // The older one finds out at its next change, which is not lost: whoever asked for it asks again.
        await Assert.ThrowsAnyAsync<Exception>(() => ChangeInAsync(slice, "double/b"));
        await Eventually.ThatAsync(() => TryChangeInAsync(slice, "double/b"));
        Assert.All(cluster.Parts<RouteTable>(), table => Assert.True(Knows(table, "double/b") && Knows(table, "double/unheard")));
    }

    [Fact]
    public async Task The_comparison_finds_what_was_missed()
    {
        await ChangeAsync("gap/a", RouteOptions.LiveQoS0);
        var slice = RouteSlices.Of("gap/a");
        var grain = cluster.Grain<IRouteGrain>(slice);
        var version = await grain.Greet(cluster.Active[0]);
        var store = cluster.Part<RouteStore>(cluster.Active[0]);
        await store.Change(
            await store.Claim(slice), [new(Field("gap/b"), new byte[] { (byte)RouteOptions.LiveQoS0 })], [Field("gap/a")], version + 1);
        await cluster.DeactivateAsync(grain);

        foreach (var replica in cluster.Parts<RouteReplica>())
            await replica.CompareAsync();

        Assert.All(cluster.Parts<RouteTable>(), table => Assert.True(Knows(table, "gap/b") && !Knows(table, "gap/a")));
    }

    [Fact]
    public async Task The_routes_of_a_gateway_that_is_forgotten_go_also_where_no_table_has_them()
    {
        var slice = RouteSlices.Of("forget/a");
        await ChangeAsync("forget/a", RouteOptions.LiveQoS0, "forgotten");
        var store = cluster.Part<RouteStore>(cluster.Active[0]);
        var claim = await store.Claim(slice);
        await store.Change(
            claim, [new(Field("forget/unheard", "forgotten"), new byte[] { (byte)RouteOptions.LiveQoS0 })], [], claim.Version + 1);
        await cluster.DeactivateAsync(cluster.Grain<IRouteGrain>(slice));

        await cluster.Grain<IRouteGrain>(slice).ForgetGateway("forgotten");

        Assert.All(cluster.Parts<RouteTable>(), table => Assert.Empty(table.RoutesTo("forgotten", slice)));
        var (_, fields) = await store.ReadSlice(slice);
        Assert.DoesNotContain(fields, field => Encoding.UTF8.GetString(field.Key).StartsWith("g:forgotten", StringComparison.Ordinal));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_late_change_of_a_gateway_does_not_undo_a_later_one(bool isElsewhere)
    {
        var (filter, gateway) = ($"late/{isElsewhere}", RouteChange.ToGateway($"counts-{isElsewhere}"));
        var grain = cluster.Grain<IRouteGrain>(RouteSlices.Of(filter));
        const RouteOptions All = RouteOptions.LiveQoS0 | RouteOptions.LiveAcknowledged;
        RouteChange[] Said(long number, RouteOptions options) => [new(filter, gateway, options) { Number = number }];
        await grain.Change(Said(1, RouteOptions.LiveQoS0));
        await grain.Change(Said(2, RouteOptions.None));
        await grain.Change(Said(7, All));
        if (isElsewhere)
            await cluster.DeactivateAsync(grain); // who takes the slice over knows, too

        await grain.Change(Said(2, RouteOptions.None));
        await grain.Change(Said(1, RouteOptions.LiveQoS0));

        Assert.All(cluster.Parts<RouteTable>(), table => Assert.True(Knows(table, filter)));
        Assert.All(cluster.Parts<RouteTable>(), table => Assert.Equal(
            All, Assert.Single(table.RoutesTo(gateway[2..], RouteSlices.Of(filter))).Options));
        await grain.Change(Said(7, All)); // a repetition, as after a call of unknown outcome
        await grain.Change(Said(8, RouteOptions.None));
        Assert.All(cluster.Parts<RouteTable>(), table => Assert.False(Knows(table, filter)));

        await grain.Change(Said(7, All)); // it does not come back either
        Assert.All(cluster.Parts<RouteTable>(), table => Assert.False(Knows(table, filter)));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task The_former_owner_of_a_session_or_a_share_removes_no_route_that_the_later_one_has_set(bool isShare)
    {
        var filter = $"owner/{isShare}";
        var destination = isShare ? RouteChange.ToShareQueue("jobs") : RouteChange.ToSession("owned");
        var grain = cluster.Grain<IRouteGrain>(RouteSlices.Of(filter));
        RouteChange[] SaidBy(long owner, int qos) => [new(filter, destination, (RouteOptions)qos) { Number = owner }];
        await grain.Change(SaidBy(5, 1));
        await grain.Change(SaidBy(6, 2));
        await cluster.DeactivateAsync(grain);

        await grain.Change(SaidBy(5, 0));

        Assert.All(cluster.Parts<RouteTable>(), table => Assert.True(Knows(table, filter)));
        await grain.Change(SaidBy(6, 0));
        Assert.All(cluster.Parts<RouteTable>(), table => Assert.False(Knows(table, filter)));
    }

    [Fact]
    public async Task Of_a_gateway_that_is_forgotten_no_number_stays()
    {
        var slice = RouteSlices.Of("number/a");
        var grain = cluster.Grain<IRouteGrain>(slice);
        await grain.Change([new("number/a", RouteChange.ToGateway("numbered"), RouteOptions.LiveQoS0) { Number = 3 }]);
        var store = cluster.Part<RouteStore>(cluster.Active[0]);
        byte[] field = [0, .. "gnumbered"u8];
        Assert.NotNull(await ReadAsync());

        await grain.ForgetGateway("numbered");

        Assert.Null(await ReadAsync());

        // Only an owner can read it; the grain takes the slice back with its next activation.
        async Task<byte[]?> ReadAsync()
        {
            var found = await store.Read(await store.Claim(slice), [field]);
            await cluster.DeactivateAsync(grain);
            return found[0];
        }
    }

    private static ReadOnlyMemory<byte> Field(string filter, string gateway = "some") =>
        Encoding.UTF8.GetBytes($"{RouteChange.ToGateway(gateway)}\0{filter}");

    private static bool Knows(RouteTable table, string topic) => !table.Match(Encoding.UTF8.GetBytes(topic)).IsEmpty;

    private Task ChangeAsync(string filter, RouteOptions options, string gateway = "some") =>
        cluster.Grain<IRouteGrain>(RouteSlices.Of(filter)).Change([new(filter, RouteChange.ToGateway(gateway), options)]);

    // In a slice of our choice: the grain asks no questions.
    private Task ChangeInAsync(int slice, string filter) => cluster.Grain<IRouteGrain>(slice)
        .Change([new(filter, RouteChange.ToGateway("some"), RouteOptions.LiveQoS0)]);

    private async Task<bool> TryChangeInAsync(int slice, string filter)
    {
        try
        {
            await ChangeInAsync(slice, filter);
            return true;
        }
        catch (Exception)
        {
            return false; // the old activation is on its way out
        }
    }
}
