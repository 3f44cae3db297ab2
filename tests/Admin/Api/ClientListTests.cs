using System.Net;
using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Api;

public sealed class ClientListTests(OpenBroker broker)
{
    [Fact]
    public async Task Hundreds_of_clients_are_listed_page_by_page_each_once_and_in_order()
    {
        using var api = broker.Call();
        var prefix = Unique.Token();
        var ids = Enumerable.Range(0, 400).Select(number => $"{prefix}-{number:x}").ToArray();
        var connected = new List<RawClient>();
        foreach (var id in ids[..150])
            connected.Add(await broker.ConnectAsync(id));
        foreach (var id in ids[150..250])
            connected.Add(await broker.ConnectAsync(id, clean: false));
        foreach (var id in ids[250..])
            await broker.LeaveSessionAsync(id);

        var sizes = new List<int>();
        var all = await api.ListAsync($"/api/v1/clients?prefix={prefix}&limit=70", sizes);
        var live = await api.ListAsync($"/api/v1/clients?prefix={prefix}&limit=33&connected=true");
        var away = await api.ListAsync($"/api/v1/clients?prefix={prefix}&limit=33&connected=false");

        Assert.Equal(ids.Order(StringComparer.Ordinal), Ids(all));
        Assert.Equal([70, 70, 70, 70, 70, 50], sizes);
        Assert.Equal(ids[..250].Order(StringComparer.Ordinal), Ids(live));
        Assert.Equal(ids[250..].Order(StringComparer.Ordinal), Ids(away));
        Assert.All(away, client => Assert.False(client.TryGetProperty("connection", out _)));
        Assert.Equal(250, all.Count(client => client.GetProperty("persistent").GetBoolean()));
        foreach (var client in connected)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task The_order_is_that_of_UTF_8_bytes_also_where_that_of_strings_differs()
    {
        using var api = broker.Call();
        var prefix = Unique.Token();
        string[] endings = ["", "a", "z", "é", "\uD7FF", "\uE000", "\uFFFD", "\U00010000", "\U0010FFFF"];
        var ids = endings.Select(ending => prefix + ending).ToArray();
        await using var first = await broker.ConnectAsync(ids[0]);
        await using var last = await broker.ConnectAsync(ids[^1]);
        foreach (var id in ids[1..^1])
            await broker.LeaveSessionAsync(id);

        var listed = await api.ListAsync($"/api/v1/clients?prefix={prefix}&limit=1");

        Assert.Equal(ids.OrderBy(id => Convert.ToHexString(Encoding.UTF8.GetBytes(id)), StringComparer.Ordinal), Ids(listed));
    }

    [Fact]
    public async Task A_session_that_ended_is_not_listed()
    {
        using var api = broker.Call();
        var prefix = Unique.Token();
        await broker.LeaveSessionAsync(prefix + "1");
        await broker.LeaveSessionAsync(prefix + "2");
        await using (var again = await broker.ConnectAsync(prefix + "1"))
            await again.DisconnectAsync();

        Assert.Equal([prefix + "2"], Ids(await api.ListAsync($"/api/v1/clients?prefix={prefix}")));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("connected=perhaps", "connected")]
    [InlineData("after=!", "after")]
    [InlineData("after=YQBi", "after")]
    public async Task A_question_that_makes_no_sense_is_told_so(string query, string told)
    {
        using var api = broker.Call();

        Assert.Contains(told, await api.FailAsync(HttpStatusCode.BadRequest, HttpMethod.Get, "/api/v1/clients?" + query));
    }

    private static IEnumerable<string> Ids(IEnumerable<System.Text.Json.JsonElement> clients) =>
        clients.Select(client => client.GetProperty("clientId").GetString()!);
}
