using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>Retained messages whose time is over.</summary>
public class RetainedTests(SiloCluster cluster) : IClassFixture<SiloCluster>
{
    [Fact]
    public async Task What_has_expired_is_not_read_and_in_time_not_kept()
    {
        const string Topic = "kept/expired";
        var slice = cluster.Grain<IRetainedGrain>(RouteSlices.Of(Topic));
        await slice.Keep(Of(Topic, "old", lifetime: 8));
        Assert.Equal(1, await slice.Count());
        Assert.Equal(1, (await slice.Read([Topic])).Count);

        await Eventually.ThatAsync(async () => (await slice.Read([Topic])).Count == 0);
        await Eventually.ThatAsync(async () => await slice.Count() == 0);

        // Nor is it in the store: a new activation reads from there.
        await cluster.DeactivateAsync(slice);
        Assert.Equal(0, await slice.Count());
    }

    [Fact]
    public async Task A_newer_message_is_not_taken_for_the_old_one()
    {
        const string Topic = "kept/renewed", Other = "kept/other";
        var slice = cluster.Grain<IRetainedGrain>(RouteSlices.Of(Topic));
        await slice.Keep(Of(Topic, "old", lifetime: 1));
        await slice.Keep(Of(Topic, "new", lifetime: 600));

        // The fence: what is swept when the old one is due.
        var fence = Enumerable.Range(0, 1_000).Select(number => $"{Other}/{number}").First(
            topic => RouteSlices.Of(topic) == RouteSlices.Of(Topic));
        await slice.Keep(Of(fence, "old", lifetime: 1));
        await Eventually.ThatAsync(async () => await slice.Count() == 1);

        Assert.Equal(1, (await slice.Read([Topic])).Count);
        await cluster.DeactivateAsync(slice);
        Assert.Equal(1, (await slice.Read([Topic])).Count);
    }

    private static MessageBatch Of(string topic, string payload, uint lifetime)
    {
        var record = Messages.Record(topic, payload, QoS.AtLeastOnce);
        MessageRecord.PatchFlags(record, new MessageRecord(record).Flags | RecordFlags.Retain);
        MessageRecord.PatchExpiry(record, MessageExpiry.From(lifetime, TimeProvider.System.GetUtcNow()));
        return new MessageBatch(record, 1);
    }
}
