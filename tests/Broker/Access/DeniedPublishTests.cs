using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Access;

/// <summary>Section 3.3.5: a publisher without the right to publish cannot be told so.</summary>
[Collection(nameof(DenyingBroker))]
public sealed class DeniedPublishTests(DenyingBroker broker)
{
    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.3.5-2")]
    public async Task A_message_that_is_denied_is_acknowledged_or_the_connection_closed_but_nobody_hears_it(int qos)
    {
        var token = Unique.Token();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync($"+/{token}", qos);
        await using (var bob = await broker.ConnectAsync())
        {
            await bob.SendAsync(Packet.Publish($"mute/{token}", "denied", qos, packetId: 1), Packet.Disconnect);
            var answers = await bob.DrainAsync();
            var right = (qos == 1 ? RawType.PubAck : RawType.PubRec, 1);
            Assert.All(answers, answer => Assert.Equal(right, (answer.Type, answer.PacketId)));
        }

        await alice.PublishAsync($"allowed/{token}", "fence", qos);

        await alice.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-3.3.5-2")]
    public async Task A_retained_message_that_is_denied_is_not_kept()
    {
        var token = Unique.Token();
        await using (var bob = await broker.ConnectAsync())
        {
            await bob.SendAsync(Packet.Publish($"mute/{token}", "denied", retain: true), Packet.Disconnect);
            await bob.DrainAsync();
        }

        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync($"+/{token}");

        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.3.5-2")]
    public async Task A_will_that_is_denied_is_not_heard()
    {
        var token = Unique.Token();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync($"+/{token}");
        await using var bob = await broker.OpenAsync();
        await bob.SendAsync(Packet.Connect(new ConnectOptions { Will = new Will($"mute/{token}", "denied") }));
        await bob.SendAsync(Packet.Of(0xF0));
        await bob.DrainAsync();

        await using (var carol = await broker.ConnectAsync(will: new Will($"allowed/{token}", "fence")))
            carol.Abort();

        await alice.ExpectTextAsync("fence");
    }
}
