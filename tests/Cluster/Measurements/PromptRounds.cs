using System.Diagnostics;
using Orleans.Mqtt.Tests.Cluster.Nodes;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Cluster.Measurements;

/// <summary>
/// Promise P4: one client subscribes on a gateway, another publishes on another gateway the moment the SUBACK is there, and
/// the first must hear it. Each round has a topic of its own; QoS, kept sessions and wildcards take turns.
/// </summary>
internal static class PromptRounds
{
    private const int Pairs = 8;

    public static async Task<bool> RunAsync(int rounds, Action<string> say)
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterPlan());
        var began = Stopwatch.GetTimestamp();
        var heard = await RunAsync(cluster, rounds);
        say($"{heard} of {rounds} heard, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        return heard == rounds;
    }

    /// <summary>Gives the number of rounds in which the message was heard.</summary>
    public static async Task<int> RunAsync(TestCluster cluster, int rounds)
    {
        var pairs = Enumerable.Range(0, Pairs).Select(pair => RunPairAsync(cluster, pair, (rounds - pair + Pairs - 1) / Pairs));
        return (await Task.WhenAll(pairs)).Sum();
    }

    private static async Task<int> RunPairAsync(TestCluster cluster, int pair, int rounds)
    {
        var near = cluster.Gateways[pair % cluster.Gateways.Count];
        var far = cluster.Gateways[(pair + 1) % cluster.Gateways.Count];
        await using var subscriber = await near.ConnectAsync(clean: pair % 4 < 2);
        await using var publisher = await far.ConnectAsync();
        var heard = 0;
        for (var round = 0; round < rounds; round++)
        {
            var topic = Unique.Topic("prompt");
            var filter = (round % 3) switch { 0 => topic + "/#", 1 => topic, _ => topic.Replace("prompt/", "+/", StringComparison.Ordinal) };
            var qos = round % 3;
            await subscriber.SubscribeAsync(filter, qos);
            await publisher.PublishAsync(topic, $"{round}", qos);
            heard += await HasHeardAsync(subscriber, topic, $"{round}") ? 1 : 0;
            await subscriber.UnsubscribeAsync(filter);
        }

        return heard;
    }

    private static async Task<bool> HasHeardAsync(RawClient subscriber, string topic, string text)
    {
        try
        {
            var heard = await subscriber.HearAsync();
            return heard.Topic == topic && heard.Text == text;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
