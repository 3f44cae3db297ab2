using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Ending;

/// <summary>What clients hear of a broker that stops, or has moved.</summary>
public sealed class StopTests
{
    [Fact, Spec("MQTT-3.14.2-1", "MQTT-3.14.4-2")]
    public async Task A_broker_that_stops_says_so()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.Connect5Async();
        await using var old = await broker.ConnectAsync();

        var ended = broker.TerminateAsync();

        await client.ExpectGoodbyeAsync(0x8B);
        await old.ExpectClosedAsync();
        await ended;
    }

    [Fact]
    public async Task A_broker_that_stops_names_another_where_there_is_one()
    {
        await using var broker = await TestBroker.StartAsync("--Gateway:ServerReference=other.example:1883");
        await using var client = await broker.Connect5Async();

        var ended = broker.TerminateAsync();

        var properties = await client.ExpectGoodbyeAsync(0x9C);
        Assert.Equal("other.example:1883", properties.Find(Prop.ServerReference)!.Text);
        await ended;
    }

    [Fact, Spec("MQTT-3.2.2-7")]
    public async Task A_broker_that_has_moved_sends_everybody_away()
    {
        await using var broker = await TestBroker.StartAsync(
            "--Gateway:ServerReference=other.example:1883", "--Gateway:ServerMoved=true");
        await using var client = await broker.OpenAsync();
        await using var old = await broker.OpenAsync();

        var properties = await client.ExpectReasonedRefusalAsync(Packet.Connect(ConnectOptions.Version5), 0x9D);

        Assert.Equal("other.example:1883", properties.Find(Prop.ServerReference)!.Text);
        await old.ExpectRefusalAsync(new ConnectOptions(), returnCode: 3);
    }
}
