using System.Net;
using Orleans.Mqtt.Tests.Admin.Metrics;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Cluster;

/// <summary>Every silo answers for the whole cluster.</summary>
public sealed class SmallClusterTests(SmallCluster cluster)
{
    [Theory, InlineData(0), InlineData(1)]
    public async Task Clients_of_all_gateways_are_in_one_list(int silo)
    {
        using var api = cluster.Call(silo);
        var prefix = Unique.Token();
        var ids = Enumerable.Range(0, 60).Select(number => $"{prefix}-{number:x}").Order(StringComparer.Ordinal).ToArray();
        var clients = new List<RawClient>();
        for (var number = 0; number < 60; number++)
            clients.Add(await cluster.ConnectAsync(number % 3, ids[number], clean: number % 4 > 0));
        await clients[0].DisconnectAsync(); // persistent: it stays in the list

        var listed = await api.ListAsync($"/api/v1/clients?prefix={prefix}&limit=7");
        var live = await api.ListAsync($"/api/v1/clients?prefix={prefix}&connected=true");

        Assert.Equal(ids, listed.Select(client => client.GetProperty("clientId").GetString()));
        Assert.Equal(59, live.Count);
        var gateways = live.Select(client => client.GetProperty("connection").GetProperty("gatewayId").GetString());
        Assert.Equal(3, gateways.Distinct().Count());
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Theory, InlineData(1, true), InlineData(1, false), InlineData(2, true), InlineData(2, false)]
    public async Task A_client_is_reached_through_any_silo_at_any_gateway(int gateway, bool clean)
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using var client = await cluster.ConnectAsync(gateway, id, clean);
        for (var silo = 0; silo < 2; silo++)
        {
            using var api = cluster.Call(silo);
            var filter = $"{topic}/{silo}";
            Assert.True((await api.GetAsync($"/api/v1/clients/{id}")).GetProperty("connected").GetBoolean());
            await api.PostAsync($"/api/v1/clients/{id}/subscriptions", new[] { new { filter, qos = 1 } });
            await api.PostAsync("/api/v1/publish", new { topic = filter, payload = "to all", qos = 1 });
            await client.ExpectTextAsync("to all", filter);
            await api.PostAsync($"/api/v1/clients/{id}/publish", new { topic = "direct", payload = "to you", qos = 2 });
            await client.ExpectTextAsync("to you", "direct");
            var subscriber = Assert.Single(await api.ListAsync($"/api/v1/subscriptions?filter={filter}"));
            Assert.Equal(id, subscriber.GetProperty("clientId").GetString());
            Assert.Equal(silo + 1, (await api.ListAsync($"/api/v1/clients/{id}/subscriptions")).Count);
        }

        using var other = cluster.Call(0);
        await other.DeleteAsync($"/api/v1/clients/{id}/subscriptions?filter={topic}/1");
        await other.DeleteAsync($"/api/v1/clients/{id}/connection");
        await client.ExpectClosedAsync();
        await other.DeleteOrMissAsync($"/api/v1/clients/{id}");
        await other.FailAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/api/v1/clients/{id}");
    }

    [Fact]
    public async Task An_entry_of_the_index_without_a_session_is_not_shown_and_goes()
    {
        using var api = cluster.Call(0);
        var prefix = Unique.Token();
        await using (var real = await cluster.ConnectAsync(0, prefix + "real", clean: false))
            await real.DisconnectAsync();
        var slices = Enumerable.Range(0, 16).Select(slice => $"orleans-mqtt:sessions:{slice}").ToArray();
        foreach (var slice in slices) // in one of them it is where a crash would have left it
            await cluster.AskStoreAsync("ZADD", slice, "0", prefix + "ghost");

        var listed = await api.ListAsync($"/api/v1/clients?prefix={prefix}");

        Assert.Equal([prefix + "real"], listed.Select(client => client.GetProperty("clientId").GetString()));
        var left = 0;
        foreach (var slice in slices)
            left += (await cluster.AskStoreAsync("ZSCORE", slice, prefix + "ghost")) is "0" or "\"0\"" ? 1 : 0;
        Assert.Equal(15, left);
    }

    [Fact]
    public async Task Retained_messages_of_all_slices_are_in_one_list()
    {
        var topic = Unique.Topic();
        for (var number = 0; number < 40; number++)
        {
            using var api = cluster.Call(number % 2);
            await api.PostAsync("/api/v1/publish", new { topic = $"{topic}/{number:x2}", payload = "x", qos = 1, retain = true });
        }

        using var reader = cluster.Call(1);
        var listed = await reader.ListAsync($"/api/v1/retained?filter={topic}/%23&limit=15");
        Assert.Equal(
            Enumerable.Range(0, 40).Select(number => $"{topic}/{number:x2}"),
            listed.Select(message => message.GetProperty("topic").GetString()));
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task Silos_and_gateways_are_known_everywhere(int silo)
    {
        using var api = cluster.Call(silo);

        // Somebody who has too much to do may not answer in time, and is asked again.
        var statistics = await api.GetAsync("/api/v1/statistics");
        for (var tries = 0; tries < 10 && statistics.GetProperty("unreachable").GetArrayLength() > 0; tries++)
            statistics = await api.GetAsync("/api/v1/statistics");
        var silos = (await api.GetAsync("/api/v1/silos")).EnumerateArray().ToArray();
        var gateways = (await api.GetAsync("/api/v1/gateways")).EnumerateArray().ToArray();

        Assert.Equal((2, 3), (statistics.GetProperty("silos").GetInt32(), statistics.GetProperty("gateways").GetInt32()));
        Assert.Equal(2, silos.Count(member => member.GetProperty("status").GetString() == "Active"));
        Assert.Equal(3, gateways.Select(gateway => gateway.GetProperty("gatewayId").GetString()).Distinct().Count());
    }

    [Theory, InlineData(2), InlineData(3)]
    public async Task A_gateway_has_metrics_of_its_own_behind_the_key(int gateway)
    {
        using var nobody = new Caller(cluster.Admins[gateway]);
        await nobody.FailAsync(HttpStatusCode.Unauthorized, HttpMethod.Get, "/metrics");
        using var api = cluster.Call(gateway);
        await using var client = await cluster.ConnectAsync(gateway - 2, Unique.ClientId());

        var scrape = await Scrape.TakeAsync(api);

        Assert.InRange(scrape["mqtt_gateway_clients"], 1, double.MaxValue);
        Assert.InRange(scrape["mqtt_gateway_lanes_waiting_bytes"], 0, scrape["mqtt_gateway_lanes_waiting_limit_bytes"]);
        Assert.True(scrape.Has("dotnet_process_memory_working_set_bytes"));
        Assert.False(scrape.Has("mqtt_broker_routes_filters"));
    }
}
