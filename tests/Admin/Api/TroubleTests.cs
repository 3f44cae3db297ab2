using System.Net;
using System.Net.Sockets;
using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Api;

/// <summary>What a caller is told when the broker cannot do what it should.</summary>
public sealed class TroubleTests
{
    [Fact]
    public async Task A_full_queue_is_told()
    {
        await using var broker = await TestBroker.StartAsync("--Sessions:MaximumQueuedMessages=2");
        using var api = new Caller(broker.Admin);
        await using (var client = await broker.ConnectAsync("full", clean: false))
        {
            await client.SubscribeAsync("a", 1);
            await client.DisconnectAsync();
        }

        for (var message = 0; message < 2; message++)
            await api.PostAsync("/api/v1/publish", new { topic = "a", qos = 1 });

        const string body = """{"topic":"a","qos":1}""";
        await api.FailAsync(HttpStatusCode.InsufficientStorage, HttpMethod.Post, "/api/v1/publish", body);
        await api.FailAsync(HttpStatusCode.InsufficientStorage, HttpMethod.Post, "/api/v1/clients/full/publish", body);
        Assert.Equal(2, (await api.GetAsync("/api/v1/statistics")).GetProperty("messagesRejected").GetInt32());
    }

    [Fact]
    public async Task A_store_that_is_away_is_told_and_what_needs_none_goes_on()
    {
        await using var store = new RedisProcess();
        await store.StartAsync();
        await using var broker = await TestBroker.StartAsync("--redis", store.Address, "--Store:Timeout=00:00:03");
        using var api = new Caller(broker.Admin);
        await using var client = await broker.ConnectAsync("here");

        await store.KillAsync();

        Assert.Contains(
            "store", await api.FailAsync(HttpStatusCode.ServiceUnavailable, HttpMethod.Get, "/api/v1/clients"), StringComparison.Ordinal);
        Assert.Single(await api.ListAsync("/api/v1/clients?connected=true"));
        Assert.Contains("mqtt_gateway_clients 1", await api.GetTextAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact(Timeout = 180_000)]
    public async Task Requests_beyond_the_limit_are_told_to_come_back()
    {
        await using var broker = await TestBroker.StartAsync("--Management:MaximumRequests=1");
        using var api = new Caller(broker.Admin);
        var slow = await BeginAsync(broker.Admin.Port);

        // The slow one is in when another is turned away; health is told all the same.
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        HttpResponseMessage answer;
        while ((answer = await api.SendAsync(HttpMethod.Get, "/api/v1/statistics")).StatusCode == HttpStatusCode.OK)
        {
            answer.Dispose();
            await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            if (slow.Available == 0)
                continue;
            slow.Dispose(); // it was turned away itself: one of ours was in when it came
            slow = await BeginAsync(broker.Admin.Port);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        answer.Dispose();
        Assert.Equal("Healthy", await api.GetTextAsync("/health/ready"));

        slow.Dispose();
        while ((answer = await api.SendAsync(HttpMethod.Get, "/api/v1/statistics")).StatusCode != HttpStatusCode.OK)
        {
            answer.Dispose();
            await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        answer.Dispose();
    }

    /// <summary>A request whose body does not come.</summary>
    private static async Task<TcpClient> BeginAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                "POST /api/v1/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"),
            TestContext.Current.CancellationToken);
        return client;
    }
}
