using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Limits;

/// <summary>A full queue is something that a publisher of MQTT 5 hears of.</summary>
public sealed class QuotaTests
{
    private const int Limit = 3, QuotaExceeded = 0x97;

    [Theory, InlineData(1, 0u), InlineData(2, 0u), InlineData(2, 60u)]
    [Spec("MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-4.3.3-9")]
    public async Task A_publisher_hears_that_a_queue_is_full_and_may_try_again(int qos, uint sessionExpiry)
    {
        await using var broker = await TestBroker.StartAsync($"--Sessions:MaximumQueuedMessages={Limit}");
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        var lasting = new Props().Int(Prop.SessionExpiry, 600);
        await using (var alice = await broker.Connect5Async(lasting, id))
        {
            await alice.SubscribeAsync(topic, 2);
            await alice.DisconnectAsync();
        }

        await using var bob = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));
        var type = qos == 1 ? RawType.PubAck : RawType.PubRec;
        for (var i = 0; i < Limit; i++)
            await bob.PublishAsync(topic, $"{i}", qos);
        for (var i = 0; i < 2; i++)
        {
            await bob.SendAsync(Packet.Publish(topic, "too much", qos, 100, properties: new Props()));
            Assert.Equal(QuotaExceeded, (await bob.AnswerAsync(type, 100)).Reason);
        }

        await using var again = await broker.Connect5Async(lasting, id, clean: false);
        for (var i = 0; i < Limit; i++)
            await again.ExpectTextAsync($"{i}");
        await again.ExpectNothingAsync();

        // The same packet id, and yet a new message: a PUBREC that refuses ends what it refused.
        await bob.SendAsync(Packet.Publish(topic, "room again", qos, 100, properties: new Props()));
        Assert.Equal(0, (await bob.AnswerAsync(type, 100)).Reason);
        await again.ExpectTextAsync("room again");
    }
}
