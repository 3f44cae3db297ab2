using CsCheck;
using Orleans.Mqtt.Protocol.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Topics;

public sealed class TopicMatcherTests
{
    /// <summary>The examples of section 4.7 (both versions), each with the clause that it explains.</summary>
    public static TheoryData<string, string, string, bool> SpecExamples => new()
    {
        { "4.7.1.2", "sport/tennis/player1/#", "sport/tennis/player1", true },
        { "4.7.1.2", "sport/tennis/player1/#", "sport/tennis/player1/ranking", true },
        { "4.7.1.2", "sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true },
        { "4.7.1.2", "sport/#", "sport", true },
        { "4.7.1.2", "sport/#", "sports", false },
        { "4.7.1.2", "#", "sport/tennis/player1", true },
        { "4.7.1.2", "#", "/", true },
        { "4.7.1.3", "sport/tennis/+", "sport/tennis/player1", true },
        { "4.7.1.3", "sport/tennis/+", "sport/tennis/player2", true },
        { "4.7.1.3", "sport/tennis/+", "sport/tennis/player1/ranking", false },
        { "4.7.1.3", "sport/+", "sport", false },
        { "4.7.1.3", "sport/+", "sport/", true },
        { "4.7.1.3", "+", "sport", true },
        { "4.7.1.3", "+/tennis/#", "sport/tennis", true },
        { "4.7.1.3", "+/tennis/#", "sport/tennis/player1/ranking", true },
        { "4.7.1.3", "sport/+/player1", "sport/tennis/player1", true },
        { "4.7.1.3", "+/+", "/finance", true },
        { "4.7.1.3", "/+", "/finance", true },
        { "4.7.1.3", "+", "/finance", false },
        { "MQTT-4.7.2-1", "#", "$SYS/monitor", false },
        { "MQTT-4.7.2-1", "+/monitor/Clients", "$SYS/monitor/Clients", false },
        { "MQTT-4.7.2-1", "+", "$SYS", false },
        { "MQTT-4.7.2-1", "$SYS/#", "$SYS/", true },
        { "MQTT-4.7.2-1", "$SYS/#", "$SYS", true },
        { "MQTT-4.7.2-1", "$SYS/monitor/+", "$SYS/monitor/Clients", true },
        { "MQTT-4.7.2-1", "a/+", "a/$SYS", true },
        { "MQTT-4.7.2-1", "a/#", "a/$SYS/b", true },
        { "4.7.3", "ACCOUNTS", "Accounts", false },
        { "4.7.3", "Accounts payable", "Accounts payable", true },
        { "4.7.3", "/finance", "finance", false },
        { "4.7.3", "finance", "/finance", false },
        { "MQTT-4.7.3-4", "A\u030A", "\u00C5", false }, // no normalisation: bytes are compared
    };

    [Theory, MemberData(nameof(SpecExamples))]
    public void The_matcher_follows_the_examples(string clause, string filter, string topic, bool matches)
    {
        Assert.NotEmpty(clause);
        Assert.Equal(matches, TopicMatcher.Matches(filter.Utf8(), topic.Utf8()));
        Assert.Equal(matches, Samples.Match(filter, topic));
    }

    [Theory, MemberData(nameof(SpecExamples))]
    public void The_filter_tree_follows_the_examples(string clause, string filter, string topic, bool matches)
    {
        Assert.NotEmpty(clause);
        var tree = new FilterTree<string>();
        tree.Set(filter.Utf8(), filter);

        var heard = new List<string>();
        var listener = new Listener(heard);
        tree.Match(topic.Utf8(), ref listener);

        Assert.Equal(matches ? [filter] : [], heard);
    }

    [Theory, MemberData(nameof(SpecExamples))]
    public void The_topic_tree_follows_the_examples(string clause, string filter, string topic, bool matches)
    {
        Assert.NotEmpty(clause);
        var tree = new TopicTree<string>();
        tree.Set(topic.Utf8(), topic);

        var heard = new List<string>();
        var listener = new Listener(heard);
        tree.Match(filter.Utf8(), ref listener);

        Assert.Equal(matches ? [topic] : [], heard);
    }

    [Fact]
    public void The_matcher_agrees_with_the_simplest_one() =>
        Gen.Select(Samples.Filter, Samples.Topic)
            .Sample((filter, topic) => TopicMatcher.Matches(filter.Utf8(), topic.Utf8()) == Samples.Match(filter, topic), iter: 10_000);

    [Fact]
    public void Nothing_matches_nothing()
    {
        Assert.False(TopicMatcher.Matches([], "a"u8));
        Assert.False(TopicMatcher.Matches("#"u8, []));
    }

    [Fact]
    public void Matching_one_pair_allocates_nothing()
    {
        var allocated = Allocations.LeastOf(() =>
        {
            for (var i = 0; i < 1_000; i++)
                _ = TopicMatcher.Matches("site/+/device/#"u8, "site/7/device/9/state"u8);
        });

        Assert.Equal(0, allocated);
    }
}
