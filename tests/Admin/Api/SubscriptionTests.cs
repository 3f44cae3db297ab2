using System.Net;
using System.Text.Json;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Api;

public sealed class SubscriptionTests(OpenBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_client_is_subscribed_by_others_and_hears(bool clean)
    {
        using var api = broker.Call();
        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "retained", retain = true, qos = 1 });
        await using var client = await broker.ConnectAsync(Unique.ClientId(), clean);

        var granted = await api.PostAsync(
            $"/api/v1/clients/{client.ClientId}/subscriptions",
            new object[] { new { filter = _topic, qos = 1 }, new { filter = _topic + "/+", qos = 0 }, new { filter = "a#" } });

        Assert.Equal([1, 0, 143], granted.EnumerateArray().Select(grant => grant.GetProperty("code").GetInt32()));
        var retained = await client.HearAsync();
        Assert.Equal(("retained", true), (retained.Text, retained.Retain));
        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "live", qos = 1 });
        await client.ExpectTextAsync("live");
        await api.PostAsync("/api/v1/publish", new { topic = _topic + "/x", payload = "too", qos = 0 });
        await client.ExpectTextAsync("too");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_client_is_unsubscribed_by_others_and_hears_no_more(bool clean)
    {
        using var api = broker.Call();
        await using var client = await broker.ConnectAsync(Unique.ClientId(), clean);
        await client.SubscribeAsync(_topic, 1);
        var path = $"/api/v1/clients/{client.ClientId}/subscriptions?filter={Uri.EscapeDataString(_topic)}";

        await api.DeleteAsync(path);

        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "silence", qos = 1 });
        await client.ExpectNothingAsync();
        await api.FailAsync(HttpStatusCode.NotFound, HttpMethod.Delete, path);
    }

    [Fact]
    public async Task A_session_is_subscribed_while_its_client_is_away()
    {
        using var api = broker.Call();
        var id = await broker.LeaveSessionAsync(Unique.ClientId());

        await api.PostAsync($"/api/v1/clients/{id}/subscriptions", new[] { new { filter = _topic, qos = 2 } });
        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "kept", qos = 2 });

        await using var client = await broker.ConnectAsync(id, clean: false);
        await client.ExpectTextAsync("kept");
        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "light", qos = 0 });
        await client.ExpectTextAsync("light");
    }

    [Fact]
    public async Task The_same_filter_again_replaces_and_brings_each_message_once()
    {
        using var api = broker.Call();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(_topic, 0);

        await api.PostAsync($"/api/v1/clients/{client.ClientId}/subscriptions", new[] { new { filter = _topic, qos = 1 } });

        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "once", qos = 1 });
        Assert.Equal(1, (await client.HearAsync()).QoS);
        await client.ExpectNothingAsync();
        await client.UnsubscribeAsync(_topic);
        Assert.Empty(await api.ListAsync($"/api/v1/subscriptions?filter={_topic}"));
    }

    [Fact]
    public async Task Those_of_a_client_are_listed_page_by_page()
    {
        using var api = broker.Call();
        var filters = Enumerable.Range(0, 25).Select(number => $"{_topic}/{number:x}/#").Order(StringComparer.Ordinal).ToArray();
        var away = await broker.LeaveSessionAsync(Unique.ClientId(), filters);
        await using var live = await broker.ConnectAsync();
        foreach (var filter in filters)
            await live.SubscribeAsync(filter, 2);

        foreach (var id in new[] { away, live.ClientId })
            Assert.Equal(filters, Filters(await api.ListAsync($"/api/v1/clients/{id}/subscriptions?limit=10")));
    }

    [Fact]
    public async Task Those_of_a_filter_are_listed_wherever_their_clients_are()
    {
        using var api = broker.Call();
        var prefix = Unique.Token();
        await broker.LeaveSessionAsync(prefix + "a", _topic);
        await using var b = await broker.ConnectAsync(prefix + "b");
        await b.SubscribeAsync(_topic, 2);
        await using var c = await broker.ConnectAsync(prefix + "c", clean: false);
        await c.SubscribeAsync(_topic, 1);
        await b.SubscribeAsync(_topic + "/other");

        var listed = await api.ListAsync($"/api/v1/subscriptions?filter={_topic}&limit=1");

        Assert.Equal([(prefix + "a", 1), (prefix + "b", 2), (prefix + "c", 1)], listed.Select(found =>
            (found.GetProperty("clientId").GetString(), found.GetProperty("qos").GetInt32())));
    }

    [Fact]
    public async Task All_are_listed_page_by_page_each_once()
    {
        using var api = broker.Call();
        var expected = new HashSet<(string, string)>();
        var connected = new List<RawClient>();
        for (var number = 0; number < 60; number++)
        {
            var id = $"{_topic}{number}";
            var filters = Enumerable.Range(0, number % 7).Select(filter => $"{_topic}/{number}/{filter}").ToArray();
            expected.UnionWith(filters.Select(filter => (id, filter)));
            if (number % 2 == 0)
            {
                await broker.LeaveSessionAsync(id, filters);
                continue;
            }

            connected.Add(await broker.ConnectAsync(id));
            foreach (var filter in filters)
                await connected[^1].SubscribeAsync(filter);
        }

        var listed = await api.ListAsync("/api/v1/subscriptions?limit=9");

        var ours = listed.Select(found => (found.GetProperty("clientId").GetString()!, found.GetProperty("filter").GetString()!))
            .Where(found => found.Item1.StartsWith(_topic, StringComparison.Ordinal)).ToArray();
        Assert.Equal(expected.Count, ours.Length);
        Assert.Equal(expected, ours.ToHashSet());
        foreach (var client in connected)
            await client.DisposeAsync();
    }

    [Theory]
    [InlineData("[]", "subscriptions")]
    [InlineData("""[{"filter":"a","qos":7}]""", "qos")]
    [InlineData("""[{"filter":"a","retainHandling":3}]""", "retainHandling")]
    [InlineData("""[{"qos":1}]""", "filter")]
    [InlineData("{}", "JSON")]
    public async Task What_cannot_be_subscribed_is_told_what_is_wrong(string body, string told)
    {
        using var api = broker.Call();
        var path = $"/api/v1/clients/{Unique.ClientId()}/subscriptions";

        Assert.Contains(told, await api.FailAsync(HttpStatusCode.BadRequest, HttpMethod.Post, path, body));
    }

    private static IEnumerable<string?> Filters(IEnumerable<JsonElement> subscriptions) =>
        subscriptions.Select(subscription => subscription.GetProperty("filter").GetString());
}
