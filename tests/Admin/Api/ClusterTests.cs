using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Api;

public sealed class ClusterTests(OpenBroker broker)
{
    [Fact]
    public async Task The_one_process_is_a_silo_and_a_gateway()
    {
        using var api = broker.Call();

        var silo = Assert.Single((await api.GetAsync("/api/v1/silos")).EnumerateArray());
        var gateway = Assert.Single((await api.GetAsync("/api/v1/gateways")).EnumerateArray());

        Assert.Equal("Active", silo.GetProperty("status").GetString());
        Assert.True(silo.GetProperty("report").GetProperty("isStoreUp").GetBoolean());
        Assert.Equal("tcp://127.0.0.1", gateway.GetProperty("report").GetProperty("listen").GetString()![..15]);
        Assert.True(gateway.GetProperty("leaseEnds").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddMinutes(-1));
    }

    [Fact]
    public async Task The_statistics_count_what_happens()
    {
        using var api = broker.Call();
        var topic = Unique.Topic();
        var before = await api.GetAsync("/api/v1/statistics");
        await broker.LeaveSessionAsync(Unique.ClientId(), topic);
        await using var client = await broker.ConnectAsync();
        for (var message = 0; message < 10; message++)
            await client.PublishAsync(topic, "x", qos: 1, retain: message == 9);

        var after = await api.GetAsync("/api/v1/statistics");

        long Risen(string name) => after.GetProperty(name).GetInt64() - before.GetProperty(name).GetInt64();
        Assert.InRange(Risen("messagesReceived"), 10, long.MaxValue);
        Assert.InRange(Risen("messagesRouted"), 10, long.MaxValue);
        Assert.Equal(1, after.GetProperty("silos").GetInt32());
        Assert.InRange(after.GetProperty("connectedClients").GetInt64(), 1, long.MaxValue);
        Assert.InRange(after.GetProperty("persistentSessions").GetInt64(), 1, long.MaxValue);
        Assert.InRange(after.GetProperty("queuedMessages").GetInt64(), 10, long.MaxValue);
        Assert.InRange(after.GetProperty("retainedMessages").GetInt64(), 1, long.MaxValue);
        Assert.InRange(after.GetProperty("filters").GetInt64(), 1, long.MaxValue);
        Assert.Empty(after.GetProperty("unreachable").EnumerateArray());
    }
}
