using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>What may have been sent before a kill carries DUP after it, however far the sending had got.</summary>
public sealed class RedeliveryTests
{
    private const int Window = 2;
    private const int Sent = 7;

    [Fact, Spec("MQTT-3.3.1-1", "MQTT-4.4.0-1")]
    public async Task What_was_sent_beyond_a_window_because_of_acknowledgements_out_of_order_is_sent_again_with_DUP()
    {
        await using var broker = await TestBroker.StartAsync(
            $"--Sessions:MaximumInFlight={Window}", $"--Gateway:MaximumInFlight={Window}");
        var topic = Unique.Topic();
        var id = Unique.ClientId();
        await using (var subscriber = await broker.ConnectAsync(id, clean: false))
        {
            await subscriber.SubscribeAsync(topic, 1);
            await using var publisher = await broker.ConnectAsync();
            for (var number = 0; number < Sent + 3; number++)
                await publisher.PublishAsync(topic, $"{number}", qos: 1);

            // The first is never acknowledged, all others but the last are.
            Assert.Equal("0", (await subscriber.HearUnansweredAsync()).Text);
            for (var number = 1; number < Sent; number++)
            {
                var heard = await subscriber.HearUnansweredAsync();
                Assert.Equal(($"{number}", false), (heard.Text, heard.Dup));
                if (number < Sent - 1)
                    await subscriber.AcknowledgeAsync(heard);
            }

            await broker.KillAsync();
        }

        await broker.RestartAsync();
        await using var again = await broker.ConnectAsync(id, clean: false);
        for (var number = 0; number < Sent; number++)
        {
            var heard = await again.HearAsync();
            Assert.Equal(($"{number}", true), (heard.Text, heard.Dup));
        }

        await again.ExpectTextAsync($"{Sent}");
    }
}
