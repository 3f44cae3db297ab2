using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Scenarios;

/// <summary>
/// What goes nowhere but back to its own gateway is only announced to the silos (decision 56), until somebody elsewhere wants
/// it, too.
/// </summary>
public sealed class LocalPublisherTests(SharedCluster shared) : ClusterTests(shared)
{
    private const int Rounds = 20, UntilLocal = 20, Burst = 10;

    private readonly string _topic = Unique.Topic();

    [Fact, Spec("MQTT-3.8.4-1", "MQTT-4.6.0-6")]
    public async Task Whoever_subscribes_at_another_gateway_hears_all_that_is_said_after_the_SUBACK_in_order_and_so_does_who_was_here()
    {
        await using var here = await Near.ConnectAsync();
        await here.SubscribeAsync(_topic, 0);
        await using var publisher = await Near.ConnectAsync();
        await using var elsewhere = await Far.ConnectAsync();
        for (var round = 0; round < Rounds; round++)
        {
            for (var number = 0; number < UntilLocal; number++)
            {
                await publisher.PublishAsync(_topic, $"{round} here {number}", qos: 0);
                await here.ExpectTextAsync($"{round} here {number}");
            }

            await elsewhere.SubscribeAsync(_topic, 0);
            var said = Enumerable.Range(0, Burst).Select(number => $"{round} all {number}").ToArray();
            foreach (var text in said)
                await publisher.PublishAsync(_topic, text, qos: 0);

            foreach (var text in said)
            {
                await here.ExpectTextAsync(text);
                await elsewhere.ExpectTextAsync(text);
            }

            await elsewhere.UnsubscribeAsync(_topic);
        }
    }
}
