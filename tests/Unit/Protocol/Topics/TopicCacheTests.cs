using CsCheck;
using Orleans.Mqtt.Protocol.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Topics;

public sealed class TopicCacheTests
{
    [Fact]
    public void It_is_as_a_dictionary_while_there_is_room() =>
        Gen.Select(Gen.Int[0, 2], Samples.Topic).Array[0, 200].Sample(steps =>
        {
            var cache = new TopicCache<string>(1_000);
            var model = new Dictionary<string, string>();
            foreach (var (kind, topic) in steps)
            {
                if (kind == 0)
                    Assert.Equal(model.Remove(topic), cache.Remove(topic.Utf8()));
                else
                    Assert.True(cache.Add(topic.Utf8(), model[topic] = $"{topic}{kind}", cache.Version));

                Assert.Equal(model.Count, cache.Count);
            }

            Assert.All(model, pair => Assert.Equal(pair.Value, cache.TryGet(pair.Key.Utf8(), out var value) ? value : null));
            Assert.All(steps, step => Assert.Equal(model.ContainsKey(step.Item2), cache.TryGet(step.Item2.Utf8(), out _)));
        }, iter: 300);

    [Fact]
    public void When_it_is_full_it_forgets_all_and_goes_on()
    {
        var cache = new TopicCache<string>(100);
        for (var i = 0; i < 100; i++)
            cache.Add($"topic/{i}".Utf8(), "value", cache.Version);

        Assert.Equal(100, cache.Count);
        Assert.True(cache.Add("topic/0"u8, "again", cache.Version)); // a replacement needs no room
        Assert.Equal(100, cache.Count);

        Assert.True(cache.Add("one/more"u8, "value", cache.Version));
        Assert.Equal(1, cache.Count);
        Assert.True(cache.TryGet("one/more"u8, out _));
        Assert.False(cache.TryGet("topic/0"u8, out _));
    }

    [Fact]
    public void What_was_found_before_a_clear_or_remove_is_not_added_after_it()
    {
        var cache = new TopicCache<string>(100);
        var early = cache.Version;

        cache.Clear();
        Assert.False(cache.Add("a"u8, "old", early));

        var later = cache.Version;
        Assert.False(cache.Remove("a"u8));
        Assert.False(cache.Add("a"u8, "old", later));
        Assert.False(cache.TryGet("a"u8, out _));
        Assert.True(cache.Add("a"u8, "new", cache.Version));
    }

    [Fact]
    public void Adding_and_removing_without_end_keeps_it_quick()
    {
        var cache = new TopicCache<string>(100);
        for (var i = 0; i < 100_000; i++)
        {
            cache.Add($"topic/{i}".Utf8(), "value", cache.Version);
            Assert.True(cache.Remove($"topic/{i}".Utf8()));
        }

        Assert.Equal(0, cache.Count);
        Assert.InRange(cache.Slots, 1, 64);
    }

    [Fact]
    public void A_hit_allocates_nothing()
    {
        var cache = new TopicCache<string>(100);
        cache.Add("site/7/state"u8, "value", cache.Version);
        var hits = 0;

        var allocated = Allocations.LeastOf(() =>
        {
            hits = 0;
            for (var i = 0; i < 1_000; i++)
                hits += cache.TryGet("site/7/state"u8, out _) ? 1 : 0;
        });

        Assert.Equal(0, allocated);
        Assert.Equal(1_000, hits);
    }

    [Fact]
    public void When_room_gets_scarce_a_topic_is_worth_it_that_was_met_before_and_not_too_long_ago()
    {
        const int Capacity = 64;
        var cache = new TopicCache<string>(Capacity);
        for (byte topic = 0; topic < Capacity / 4; topic++)
        {
            Assert.True(cache.IsWorthAdding([topic]));
            cache.Add([topic], "known", cache.Version);
        }

        Assert.False(cache.IsWorthAdding("a"u8));
        Assert.True(cache.IsWorthAdding("a"u8));
        Span<byte> other = stackalloc byte[sizeof(int)]; // no string each: other tests measure allocations
        for (var topic = 0; topic < 1_000_000; topic++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(other, topic);
            cache.IsWorthAdding(other);
        }

        Assert.False(cache.IsWorthAdding("a"u8));
    }

    [Fact]
    public async Task Whatever_others_do_a_reader_never_gets_the_value_of_another_topic()
    {
        var cache = new TopicCache<string>(64);
        var topics = Enumerable.Range(0, 100).Select(i => $"t/{i}").ToArray();
        var bytes = topics.Select(Samples.Utf8).ToArray();

        await Parallel.ForEachAsync(Enumerable.Range(0, 8), TestContext.Current.CancellationToken, (seed, _) =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 50_000; i++)
            {
                var at = random.Next(topics.Length);
                if (cache.TryGet(bytes[at], out var value))
                    Assert.Same(topics[at], value);
                else if (random.Next(8) == 0)
                    cache.Remove(bytes[at]);
                else if (random.Next(500) == 0)
                    cache.Clear();
                else
                    cache.Add(bytes[at], topics[at], cache.Version);
            }

            return ValueTask.CompletedTask;
        });

        Assert.InRange(cache.Count, 0, 64);
    }
}
