using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Scenarios;

/// <summary>Sessions of MQTT 5 that go from one gateway to the other.</summary>
public sealed class Version5SessionTests(SharedCluster shared) : ClusterTests(shared)
{
    private static readonly TimeSpan _allowed = TimeSpan.FromSeconds(5);

    private readonly string _topic = Unique.Topic();
    private readonly string _id = Unique.ClientId();

    [Fact, Spec("MQTT-3.1.4-3")]
    public async Task Who_is_taken_over_at_the_other_gateway_is_told_so()
    {
        var lasting = new Props().Int(Prop.SessionExpiry, 600);
        await using var older = await Near.Connect5Async(lasting, _id);
        await older.SubscribeAsync(_topic, 1);

        await using var newer = await Far.Connect5Async(lasting, _id, clean: false);

        Assert.True(newer.SessionPresent);
        await older.ExpectGoodbyeAsync(0x8E);
        await newer.PublishAsync(_topic, "to the newer", 1);
        await newer.ExpectTextAsync("to the newer");
    }

    [Fact, Spec("MQTT-3.1.2-8", "MQTT-3.1.3-9")]
    public async Task A_will_that_waits_is_not_published_when_the_client_is_back_at_the_other_gateway()
    {
        await using var witness = await Near.Connect5Async();
        await witness.SubscribeAsync(_topic, 2);
        await using (var client = await ConnectWithWillAsync(delay: 8))
            client.Abort();

        await using var again = await Far.Connect5Async(new Props().Int(Prop.SessionExpiry, 600), _id, clean: false);
        Assert.True(again.SessionPresent);
        await OutwaitAsync(keepAlive: 6);
        await again.PublishAsync(_topic, "fence", 2);

        await witness.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-3.1.2-8", "MQTT-3.1.2-10")]
    public async Task A_will_that_waited_is_heard_once_at_the_other_gateway()
    {
        await using var witness = await Far.Connect5Async();
        await witness.SubscribeAsync(_topic, 2);
        await using var client = await ConnectWithWillAsync(delay: 1);
        using var clock = PromiseClock.StartNew();

        client.Abort();

        var heard = await witness.HearAsync();
        clock.ExpectBetween(TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1) + _allowed);
        Assert.Equal("will", heard.Text);
        Assert.Equal([("a", "1"), ("a", "2")], heard.Properties.User());
        await witness.PublishAsync(_topic, "fence", 2);
        await witness.ExpectTextAsync("fence");
    }

    [Theory, InlineData(1u, false), InlineData(600u, true), Spec("MQTT-3.1.2-23", "MQTT-4.1.0-2")]
    public async Task A_session_lasts_as_long_as_was_agreed_wherever_it_is_looked_for(uint expiry, bool isThere)
    {
        await using (var client = await Near.Connect5Async(new Props().Int(Prop.SessionExpiry, expiry), _id))
        {
            await client.SubscribeAsync(_topic, 1);
            await client.DisconnectAsync();
        }

        await OutwaitAsync();

        await using var again = await Far.Connect5Async(new Props().Int(Prop.SessionExpiry, expiry), _id, clean: false);
        Assert.Equal(isThere, again.SessionPresent);
    }

    [Theory, InlineData(0u, false), InlineData(600u, true)]
    public async Task What_DISCONNECT_says_of_its_life_is_known_at_the_other_gateway(uint expiry, bool isThere)
    {
        await using (var client = await Near.Connect5Async(new Props().Int(Prop.SessionExpiry, 1), _id))
        {
            await client.SendAsync(Packet.Goodbye(0, new Props().Int(Prop.SessionExpiry, expiry)));
            await client.ExpectClosedAsync();
        }

        await OutwaitAsync();

        await using var again = await Far.Connect5Async(clientId: _id, clean: false);
        Assert.Equal(isThere, again.SessionPresent);
    }

    [Fact, Spec("MQTT-4.4.0-1")]
    public async Task What_was_open_is_sent_again_at_the_other_gateway_with_all_its_properties()
    {
        var lasting = new Props().Int(Prop.SessionExpiry, 600);
        await using var publisher = await Far.Connect5Async();
        int packetId;
        await using (var client = await Near.Connect5Async(lasting, _id))
        {
            await client.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 9), (_topic, 2));
            await publisher.PublishAsync(_topic, "open", 2, properties: new Props().User("a", "1"));
            packetId = (await client.HearUnansweredAsync()).PacketId;
            client.Abort();
        }

        await using var again = await Far.Connect5Async(lasting, _id, clean: false);

        var heard = await again.HearAsync();
        Assert.Equal(("open", packetId, true), (heard.Text, heard.PacketId, heard.Dup));
        Assert.Equal([("a", "1")], heard.Properties.User());
        Assert.Equal([9], heard.Properties.Numbers(Prop.SubscriptionId));
    }

    private Task<RawClient> ConnectWithWillAsync(uint delay) => Near.Connect5Async(
        new Props().Int(Prop.SessionExpiry, 600), _id, will: new Will(_topic, "will", qos: 2)
        {
            Properties = new Props().Int(Prop.WillDelay, delay).User("a", "1").User("a", "2"),
        });

    private async Task OutwaitAsync(int keepAlive = 2)
    {
        await using var silent = await Near.ConnectAsync(new ConnectOptions { KeepAlive = keepAlive });
        await silent.ExpectClosedAsync();
    }
}
