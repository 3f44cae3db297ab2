using System.Text;
using CsCheck;
using Orleans.Mqtt.Protocol.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Topics;

public sealed class FilterTreeManyTests
{
    [Fact]
    public void Many_topics_together_find_what_each_finds_alone() =>
        Gen.Select(Samples.Filter.Array[0, 40], Samples.Topic.Array[1, 16]).Sample(FindTheSame, iter: 2_000);

    [Fact]
    public void So_do_many_that_begin_alike() =>
        Gen.Select(Samples.Filter.Array[0, 40], Samples.Topic, Samples.Topic.Array[1, 16]).Sample(
            (filters, first, topics) => FindTheSame(
                [.. filters, .. filters.Select(filter => $"{first}/{filter}")], [.. topics.Select(topic => $"{first}/{topic}")]),
            iter: 2_000);

    private static void FindTheSame(string[] filters, string[] topics)
    {
        var tree = FilterTreeTests.TreeOf(filters);
        var listener = new ManyListener(topics.Length);

        var (text, places) = Together(topics);
        if (!tree.MatchAll(text, places, ref listener))
            return;

        for (var i = 0; i < topics.Length; i++)
        {
            var alone = new List<string>();
            var one = new Listener(alone);
            tree.Match(topics[i].Utf8(), ref one);
            Assert.Equal(alone.Order(StringComparer.Ordinal), listener.Heard[i].Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void A_few_ways_a_topic_are_not_too_many()
    {
        var tree = FilterTreeTests.TreeOf(["#", "a/+/c", "a/b/+", "a/b/c", "a/#"]);
        var listener = new ManyListener(16);
        var (text, places) = Together([.. Enumerable.Repeat("a/b/c", 16)]);

        Assert.True(tree.MatchAll(text, places, ref listener));
        Assert.All(listener.Heard, heard => Assert.Equal(5, heard.Count));
    }

    [Fact]
    public void Where_there_are_too_many_it_says_so()
    {
        // All 2^10 filters over {a, +} at depth 10.
        var tree = FilterTreeTests.TreeOf(Enumerable.Range(0, 1 << 10)
            .Select(bits => string.Join('/', Enumerable.Range(0, 10).Select(i => (bits >> i & 1) == 0 ? "a" : "+"))));
        var listener = new ManyListener(1);
        var (text, places) = Together(["a/a/a/a/a/a/a/a/a/a"]);

        Assert.False(tree.MatchAll(text, places, ref listener));
    }

    [Fact]
    public void It_allocates_nothing()
    {
        var tree = FilterTreeTests.TreeOf(["#", "site/+/device/#", "site/7/+/+/state", "+/+/device/9/state", "site/7/device/9/state"]);
        var (text, places) = Together([.. Enumerable.Repeat("site/7/device/9/state", 8)]);
        var counter = new ManyCounter();
        tree.MatchAll(text, places, ref counter);

        var tries = 0;
        var allocated = Allocations.LeastOf(() =>
        {
            tries++;
            for (var i = 0; i < 1_000; i++)
                tree.MatchAll(text, places, ref counter);
        });

        Assert.Equal(0, allocated);
        Assert.Equal(((tries * 1_000) + 1) * 8 * 5, counter.Count);
    }

    private static (byte[] Text, TopicPlace[] Places) Together(string[] topics)
    {
        var text = new List<byte>();
        var places = new List<TopicPlace>();
        foreach (var topic in topics)
        {
            text.AddRange("/$+"u8); // what lies between topics must not matter
            places.Add(new TopicPlace(text.Count, Encoding.UTF8.GetByteCount(topic)));
            text.AddRange(topic.Utf8());
        }

        return ([.. text, (byte)'/'], [.. places]);
    }

    private readonly struct ManyListener(int topics) : IMatchesVisitor<string>
    {
        public List<string>[] Heard { get; } = [.. Enumerable.Range(0, topics).Select(_ => new List<string>())];

        public void Visit(int topic, string value) => Heard[topic].Add(value);
    }

    private struct ManyCounter : IMatchesVisitor<string>
    {
        public int Count { get; private set; }

        public void Visit(int topic, string value) => Count++;
    }
}
