using System.Text;
using System.Text.Unicode;
using CsCheck;
using Orleans.Mqtt.Protocol.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Topics;

public sealed class FilterTreeTests
{
    [Fact]
    public void What_matches_is_what_a_scan_of_all_filters_finds() =>
        Gen.Select(Samples.Filter.Array[0, 40], Samples.Topic.Array[1, 10]).Sample((filters, topics) =>
        {
            var tree = TreeOf(filters);
            foreach (var topic in topics)
            {
                var heard = Matches(tree, topic);
                Assert.Equal(Scan(filters, topic, Samples.Match), heard);
                Assert.Equal(Scan(filters, topic, (f, t) => TopicMatcher.Matches(f.Utf8(), t.Utf8())), heard);
            }
        }, iter: 1_000);

    [Fact]
    public void After_any_adds_and_removes_it_is_as_a_dictionary_would_be() =>
        Gen.Select(Gen.Select(Gen.Bool, Samples.Filter).Array[0, 120], Samples.Topic).Sample((steps, topic) =>
        {
            var tree = new FilterTree<string>();
            var model = new Dictionary<string, string>();
            foreach (var (add, filter) in steps)
            {
                if (add)
                    tree.Set(filter.Utf8(), model[filter] = filter);
                else
                    Assert.Equal(model.Remove(filter), tree.Remove(filter.Utf8()));

                Assert.Equal(model.Count, tree.Count);
                Assert.Equal(model.ContainsKey(filter), tree.TryGet(filter.Utf8(), out _));
            }

            Assert.Equal(Scan(model.Keys, topic, Samples.Match), Matches(tree, topic));
            Assert.Equal(model.Keys.Order(StringComparer.Ordinal), Entries(tree));
            foreach (var filter in model.Keys)
                Assert.True(tree.Remove(filter.Utf8()));

            Assert.Empty(Entries(tree));
            Assert.Empty(Matches(tree, topic));
        }, iter: 500);

    [Fact]
    public void A_plus_at_the_end_needs_no_level_of_its_own()
    {
        var tree = TreeOf(["a/b/+", "a/b/#", "a/b", "+"]);

        Assert.Equal(3, tree.NodeCapacity);
        Assert.Equal(["a/b/#", "a/b/+"], Matches(tree, "a/b/c"));
        Assert.Equal(["a/b/#"], Matches(tree, "a/b/c/d"));
        Assert.Equal(["a/b/#", "a/b/+"], Matches(tree, "a/b/"));
        Assert.Equal(["a/b", "a/b/#"], Matches(tree, "a/b"));
        Assert.Equal(["+"], Matches(tree, "a"));
        Assert.Empty(Matches(tree, "$a"));
        Assert.True(tree.Remove("a/b/+"u8));
        Assert.Equal(["a/b/#"], Matches(tree, "a/b/c"));
    }

    [Fact]
    public void Filters_with_the_same_value_share_its_place_until_the_last_of_them_goes()
    {
        var tree = new FilterTree<string>();
        for (var i = 0; i < 100; i++)
            tree.Set($"a/{i}/+".Utf8(), "same");
        Assert.Equal(1, tree.ValueCapacity);

        for (var i = 0; i < 99; i++)
            Assert.True(tree.Remove($"a/{i}/+".Utf8()));
        tree.Set("a/#"u8, "other");
        Assert.Equal(["other", "same"], Matches(tree, "a/99/x"));

        Assert.True(tree.Remove("a/99/+"u8));
        tree.Set("a/5/+"u8, "third");
        Assert.Equal(["other", "third"], Matches(tree, "a/5/x"));
        Assert.Equal(2, tree.ValueCapacity);
    }

    [Fact]
    public void Setting_a_filter_again_replaces_its_value()
    {
        var tree = TreeOf(["a/#", "a"]);
        tree.Set("a/#"u8, "new");

        Assert.Equal(2, tree.Count);
        Assert.Equal(["a", "new"], Matches(tree, "a"));
        Assert.True(tree.TryGet("a"u8, out var other));
        Assert.Equal("a", other);
    }

    [Fact]
    public void A_path_towards_a_filter_is_not_itself_one()
    {
        var tree = TreeOf(["a/b/c", "a/+/#"]);

        foreach (var filter in new[] { "a", "a/b", "a/+", "a/#", "#", "a/b/c/d", "a/b/c/#" })
        {
            Assert.False(tree.TryGet(filter.Utf8(), out _), filter);
            Assert.False(tree.Remove(filter.Utf8()), filter);
        }

        Assert.Equal(2, tree.Count);
    }

    [Fact]
    public void The_visitor_may_stop_early()
    {
        var tree = TreeOf(["#", "a/#", "a/+", "a/b", "+/b"]);
        var heard = new List<string>();
        var impatient = new Listener(heard, patience: 2);

        tree.Match("a/b"u8, ref impatient);

        Assert.Equal(2, heard.Count);
    }

    [Fact]
    public void The_deepest_topic_is_only_a_long_one()
    {
        var deep = new string('/', 65_535);
        var wild = string.Join('/', Enumerable.Repeat("+", 32_768));
        var many = wild[..^1] + "#";
        var tree = TreeOf([deep, wild, many, "#", "/#", deep[..^1] + "#"]);

        Assert.Equal(new[] { deep, many, "#", "/#", deep[..^1] + "#" }.Order(StringComparer.Ordinal), Matches(tree, deep));
        Assert.Equal(6, Entries(tree).Count());
        Assert.True(tree.Remove(deep.Utf8()));
        Assert.True(tree.Remove(wild.Utf8()));
        Assert.Equal(4, tree.Count);
    }

    [Fact]
    public void The_longest_level_is_only_a_long_one()
    {
        var levels = Enumerable.Range(0, 40).Select(i => new string((char)('a' + (i % 26)), 65_535 - i)).ToArray();
        var tree = TreeOf(levels);
        Assert.All(levels, level => Assert.Equal([level], Matches(tree, level)));

        foreach (var level in levels[..20])
            Assert.True(tree.Remove(level.Utf8()));

        Assert.All(levels[20..], level => Assert.Equal([level], Matches(tree, level)));
    }

    [Fact]
    public void Every_way_through_wildcards_is_found_once()
    {
        // All 2^10 filters over {a, +} at depth 10: each matches, and nothing else is there to be visited.
        var filters = Enumerable.Range(0, 1 << 10)
            .Select(bits => string.Join('/', Enumerable.Range(0, 10).Select(i => (bits >> i & 1) == 0 ? "a" : "+")))
            .ToArray();
        var tree = TreeOf(filters);

        Assert.Equal(filters.Order(StringComparer.Ordinal), Matches(tree, "a/a/a/a/a/a/a/a/a/a"));
        Assert.Equal(["+/+/+/+/+/+/+/+/+/+"], Matches(tree, "b/b/b/b/b/b/b/b/b/b"));
    }

    [Theory]
    [InlineData("site/7/device/9/state", 5)]
    [InlineData("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z", 1)]
    public void Matching_allocates_nothing(string topic, int matches)
    {
        var tree = TreeOf(["#", "site/+/device/#", "site/7/+/+/state", "+/+/device/9/state", "site/7/device/9/state", "a/+/+/z"]);
        var bytes = topic.Utf8();
        var counter = new Counter();
        tree.Match(bytes, ref counter); // the first long topic makes the array pool grow
        Assert.Equal(matches, counter.Count);

        var allocated = Allocations.LeastOf(() =>
        {
            for (var i = 0; i < 1_000; i++)
                tree.Match(bytes, ref counter);
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task Many_may_read_while_nobody_writes()
    {
        var filters = Enumerable.Range(0, 2_000).Select(i => $"site/{i / 10}/dev{i}/+/state").ToArray();
        var tree = TreeOf(filters);

        await Parallel.ForEachAsync(Enumerable.Range(0, 8_000), TestContext.Current.CancellationToken, (i, _) =>
        {
            i %= filters.Length;
            Assert.Equal([filters[i]], Matches(tree, $"site/{i / 10}/dev{i}/x/state"));
            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public void What_is_removed_makes_room_for_what_comes()
    {
        var tree = new FilterTree<string>();
        var buffer = new byte[64];
        for (var i = 0; i < 1_000; i++)
            tree.Set(Filter(i), "value");

        var (nodes, names) = (tree.NodeCapacity, tree.NameCapacity);
        for (var i = 1_000; i < 1_001_000; i++)
        {
            if (!tree.Remove(Filter(i - 1_000)))
                Assert.Fail($"Filter {i} was gone.");

            tree.Set(Filter(i), "value");
        }

        // The root is a node too, and there are 1,000 filters of four levels below "site".
        Assert.Equal(1_000, tree.Count);
        Assert.Equal(4_002, tree.NodeCapacity);
        Assert.Equal((nodes, names), (tree.NodeCapacity, tree.NameCapacity));

        ReadOnlySpan<byte> Filter(int i)
        {
            Assert.True(Utf8.TryWrite(buffer, $"site/{i:D7}/dev{i:D7}/+/state", out var length));
            return buffer.AsSpan(0, length);
        }
    }

    internal static FilterTree<string> TreeOf(IEnumerable<string> filters)
    {
        var tree = new FilterTree<string>();
        foreach (var filter in filters)
            tree.Set(filter.Utf8(), filter);

        return tree;
    }

    private static IEnumerable<string> Matches(FilterTree<string> tree, string topic)
    {
        var heard = new List<string>();
        var listener = new Listener(heard);
        tree.Match(topic.Utf8(), ref listener);
        return heard.Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Scan(IEnumerable<string> filters, string topic, Func<string, string, bool> matches) =>
        filters.Distinct().Where(filter => matches(filter, topic)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Entries(FilterTree<string> tree)
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
