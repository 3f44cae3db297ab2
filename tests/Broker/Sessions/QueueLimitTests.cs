using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Sessions;

/// <summary>
/// A queue has a limit, and what the limit costs is known: the newest, and never the connection of others.
/// </summary>
public sealed class QueueLimitTests
{
    private const int Limit = 5;

    [Fact, Spec("MQTT-3.1.2-5")]
    public async Task A_full_queue_keeps_the_oldest_and_the_rest_of_the_broker_works()
    {
        await using var broker = await TestBroker.StartAsync($"--Sessions:MaximumQueuedMessages={Limit}");
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using (var alice = await broker.ConnectAsync(id, clean: false))
        {
            await alice.SubscribeAsync(topic, 1);
            await alice.DisconnectAsync();
        }

        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic, 1);
        for (var i = 0; i < 3 * Limit; i++)
        {
            await PublishOneAsync(broker, topic, $"{i}");
            await witness.ExpectTextAsync($"{i}");
        }

        await using var again = await broker.ConnectAsync(id, clean: false);
        for (var i = 0; i < Limit; i++)
            await again.ExpectTextAsync($"{i}");
        await ExpectRoomAgainAsync(again, topic);
    }

    /// <summary>
    /// What does not fit is either acknowledged and dropped for the one whose queue is full, or refused, which a
    /// publisher of 3.1.1 sees as the end of its connection.
    /// </summary>
    private static async Task PublishOneAsync(TestBroker broker, string topic, string text)
    {
        await using var bob = await broker.ConnectAsync();
        await bob.SendAsync(Packet.Publish(topic, text, qos: 1, packetId: 1));
        await bob.SendAsync(Packet.Disconnect);
        Assert.All(await bob.DrainAsync(), answer => Assert.Equal(RawType.PubAck, answer.Type));
    }

    private static async Task ExpectRoomAgainAsync(RawClient client, string topic)
    {
        await client.PublishAsync(topic, "room again", qos: 1);
        Heard heard;
        do
        {
            // Mosquitto counts what is in flight beside the limit, and so keeps one more.
            heard = await client.HearAsync();
            var isWithinLimit = heard.Text == "room again" || TestBroker.PeerIsMosquitto;
            Assert.True(isWithinLimit, $"'{heard.Text}' is beyond the limit");
        }
        while (heard.Text != "room again");
    }
}
