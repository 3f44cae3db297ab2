using System.Text;
using System.Text.Unicode;
using CsCheck;
using Orleans.Mqtt.Protocol.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Topics;

public sealed class TopicTreeTests
{
    [Fact]
    public void What_matches_is_what_a_scan_of_all_topics_finds() =>
        Gen.Select(Samples.Topic.Array[0, 40], Samples.Filter.Array[1, 10]).Sample((topics, filters) =>
        {
            var tree = TreeOf(topics);
            foreach (var filter in filters)
            {
                var heard = Matches(tree, filter);
                Assert.Equal(Scan(topics, filter, Samples.Match), heard);
                Assert.Equal(Scan(topics, filter, (f, t) => TopicMatcher.Matches(f.Utf8(), t.Utf8())), heard);
            }
        }, iter: 1_000);

    [Fact]
    public void After_any_adds_and_removes_it_is_as_a_dictionary_would_be() =>
        Gen.Select(Gen.Select(Gen.Bool, Samples.Topic).Array[0, 120], Samples.Filter).Sample((steps, filter) =>
        {
            var tree = new TopicTree<string>();
            var model = new Dictionary<string, string>();
            foreach (var (add, topic) in steps)
            {
                if (add)
                    tree.Set(topic.Utf8(), model[topic] = topic);
                else
                    Assert.Equal(model.Remove(topic), tree.Remove(topic.Utf8()));

                Assert.Equal(model.Count, tree.Count);
                Assert.Equal(model.ContainsKey(topic), tree.TryGet(topic.Utf8(), out _));
            }

            Assert.Equal(Scan(model.Keys, filter, Samples.Match), Matches(tree, filter));
            Assert.Equal(model.Keys.Order(StringComparer.Ordinal), Entries(tree));
            foreach (var topic in model.Keys)
                Assert.True(tree.Remove(topic.Utf8()));

            Assert.Empty(Entries(tree));
            Assert.Empty(Matches(tree, filter));
        }, iter: 500);

    [Fact]
    public void The_visitor_may_stop_early()
    {
        var tree = TreeOf(["a", "a/b", "a/c", "b/c", "b/d", "$SYS/x"]);

        foreach (var filter in new[] { "#", "+/+", "a/#", "+/#" })
        {
            var heard = new List<string>();
            var impatient = new Listener(heard, patience: 2);
            tree.Match(filter.Utf8(), ref impatient);
            Assert.Equal(2, heard.Count);
        }
    }

    [Fact]
    public void The_deepest_filter_is_only_a_long_one()
    {
        var deep = new string('/', 65_535);
        var wild = string.Join('/', Enumerable.Repeat("+", 32_768));
        var half = new string('/', 32_767);
        var tree = TreeOf([deep, half, "/"]);

        Assert.Equal([deep], Matches(tree, deep));
        Assert.Equal([half], Matches(tree, wild));
        Assert.Equal([half, deep], Matches(tree, wild[..^1] + "#"));
        Assert.Equal(3, Matches(tree, "#").Count());
        Assert.Equal(3, Entries(tree).Count());
        Assert.True(tree.Remove(deep.Utf8()));
        Assert.Equal(["/", half], Matches(tree, "#"));
    }

    [Theory]
    [InlineData("site/+/device/#", 100)]
    [InlineData("#", 100)]
    [InlineData("+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+", 0)]
    public void Matching_allocates_nothing(string filter, int matches)
    {
        var tree = TreeOf(Enumerable.Range(0, 100).Select(i => $"site/{i}/device/state").Append("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18"));
        tree.Remove("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18"u8);
        var bytes = filter.Utf8();
        var counter = new Counter();
        tree.Match(bytes, ref counter);
        Assert.Equal(matches, counter.Count);

        var allocated = Allocations.LeastOf(() =>
        {
            for (var i = 0; i < 100; i++)
                tree.Match(bytes, ref counter);
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void What_is_removed_makes_room_for_what_comes()
    {
        var tree = new TopicTree<string>();
        var buffer = new byte[64];
        for (var i = 0; i < 1_000; i++)
            tree.Set(Topic(i), "value");

        var nodes = tree.NodeCapacity;
        for (var i = 1_000; i < 201_000; i++)
        {
            if (!tree.Remove(Topic(i - 1_000)))
                Assert.Fail($"Topic {i} was gone.");

            tree.Set(Topic(i), "value");
        }

        Assert.Equal(1_000, tree.Count);
        Assert.Equal(nodes, tree.NodeCapacity);
        Assert.Equal(1_000, Matches(tree, "site/+/+/state").Count());

        ReadOnlySpan<byte> Topic(int i)
        {
            Assert.True(Utf8.TryWrite(buffer, $"site/{i}/dev{i}/state", out var length));
            return buffer.AsSpan(0, length);
        }
    }

    private static TopicTree<string> TreeOf(IEnumerable<string> topics)
    {
        var tree = new TopicTree<string>();
        foreach (var topic in topics)
            tree.Set(topic.Utf8(), topic);

        return tree;
    }

    private static IEnumerable<string> Matches(TopicTree<string> tree, string filter)
    {
        var heard = new List<string>();
        var listener = new Listener(heard);
        tree.Match(filter.Utf8(), ref listener);
        return heard.Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Scan(IEnumerable<string> topics, string filter, Func<string, string, bool> matches) =>
        topics.Distinct().Where(topic => matches(filter, topic)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Entries(TopicTree<string> tree)
    {
        var all = new List<string>();
        foreach (var entry in tree)
        {
            Assert.Equal(entry.Value, Encoding.UTF8.GetString(entry.Text));
            all.Add(entry.Value);
        }

        return all.Order(StringComparer.Ordinal);
    }
}
