using System.Net;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Api;

public sealed class ClientTests(OpenBroker broker)
{
    [Fact]
    public async Task A_connected_client_is_described()
    {
        using var api = broker.Call();
        var before = TimeProvider.System.GetUtcNow();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(Unique.Topic());

        var info = await api.GetAsync($"/api/v1/clients/{client.ClientId}");

        Assert.True(info.GetProperty("connected").GetBoolean());
        Assert.False(info.GetProperty("persistent").GetBoolean());
        Assert.Equal(1, info.GetProperty("subscriptions").GetInt32());
        Assert.Equal(0, info.GetProperty("expirySeconds").GetInt32());
        var connection = info.GetProperty("connection");
        Assert.Equal("3.1.1", connection.GetProperty("version").GetString());
        Assert.StartsWith("127.0.0.1:", connection.GetProperty("remoteAddress").GetString());
        Assert.InRange(connection.GetProperty("since").GetDateTimeOffset(), before.AddSeconds(-1), before.AddMinutes(1));
    }

    [Fact]
    public async Task A_client_that_is_away_is_described_by_its_session()
    {
        using var api = broker.Call();
        var id = await broker.LeaveSessionAsync(Unique.ClientId(), Unique.Topic(), Unique.Topic());

        var info = await api.GetAsync($"/api/v1/clients/{id}");

        Assert.False(info.GetProperty("connected").GetBoolean());
        Assert.True(info.GetProperty("persistent").GetBoolean());
        Assert.Equal(2, info.GetProperty("subscriptions").GetInt32());
        Assert.False(info.TryGetProperty("connection", out _));
        Assert.False(info.TryGetProperty("expirySeconds", out _)); // for ever
    }

    [Theory, InlineData("a/b"), InlineData("%2F"), InlineData("50% & more?"), InlineData("ü/#+"), InlineData("clients/x")]
    public async Task A_client_id_may_have_any_characters(string ending)
    {
        using var api = broker.Call();
        await using var client = await broker.ConnectAsync(Unique.Token() + ending);

        var info = await api.GetAsync($"/api/v1/clients/{Uri.EscapeDataString(client.ClientId)}");

        Assert.Equal(client.ClientId, info.GetProperty("clientId").GetString());
    }

    [Fact]
    public async Task A_disconnected_client_loses_its_connection_and_keeps_its_session()
    {
        using var api = broker.Call();
        var topic = Unique.Topic();
        await using var watcher = await broker.ConnectAsync();
        await watcher.SubscribeAsync(topic);
        await using var client = await broker.ConnectAsync(Unique.ClientId(), clean: false, new Will(topic, "gone"));

        await api.DeleteAsync($"/api/v1/clients/{client.ClientId}/connection");

        await client.ExpectClosedAsync();
        await watcher.ExpectTextAsync("gone");
        Assert.False((await api.GetAsync($"/api/v1/clients/{client.ClientId}")).GetProperty("connected").GetBoolean());
        await api.FailAsync(HttpStatusCode.NotFound, HttpMethod.Delete, $"/api/v1/clients/{client.ClientId}/connection");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_deleted_client_has_neither_connection_nor_session(bool clean)
    {
        using var api = broker.Call();
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using var client = await broker.ConnectAsync(id, clean);
        await client.SubscribeAsync(topic, 1);

        await api.DeleteAsync($"/api/v1/clients/{id}");

        await client.ExpectClosedAsync();
        await api.FailAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/api/v1/clients/{id}");
        Assert.Empty(await api.ListAsync($"/api/v1/clients?prefix={id}"));
        await api.PostAsync("/api/v1/publish", new { topic, payload = "lost", qos = 1 });
        await using var again = await broker.ConnectAsync(id, clean: false);
        Assert.False(again.SessionPresent);
        await again.ExpectNothingAsync();
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("DELETE", "/connection")]
    [InlineData("GET", "/subscriptions")]
    [InlineData("DELETE", "/subscriptions?filter=a")]
    public async Task An_unknown_client_is_not_found(string method, string path)
    {
        using var api = broker.Call();

        await api.FailAsync(HttpStatusCode.NotFound, new HttpMethod(method), $"/api/v1/clients/{Unique.ClientId()}{path}");
    }

    [Fact]
    public async Task What_does_not_exist_and_what_is_not_allowed_there_are_problems_too()
    {
        using var api = broker.Call();

        await api.FailAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/api/v1/nothing");
        await api.FailAsync(HttpStatusCode.MethodNotAllowed, HttpMethod.Put, "/api/v1/clients", "{}");
    }
}
