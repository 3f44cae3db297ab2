using System.Text;
using CsCheck;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Security;

public class AccessRuleTests
{
    private static readonly ClientIdentity _anyone = new("anyone", null);
    private static readonly string[] _levels = ["a", "b", "", "$s"];

    internal static readonly string[] Topics =
    [
        .. from first in _levels from second in _levels from third in _levels
           from topic in new[] { first, $"{first}/{second}", $"{first}/{second}/{third}", $"{first}/{second}/{third}/x" }
           where topic.Length > 0
           select topic,
    ];

    internal static readonly Gen<string> Filters =
        Gen.Select(Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("+"), Gen.Const(""), Gen.Const("$s")).Array[1, 3], Gen.Bool)
            .Select((levels, isOpen) => string.Join('/', isOpen ? [.. levels[1..], "#"] : levels))
            .Where(filter => TopicFilter.IsValid(filter));

    [Fact]
    public void A_rule_covers_a_wish_exactly_if_it_matches_every_topic_that_the_wish_matches() =>
        Gen.Select(Filters, Filters.Where(asked => asked != "/#" /* its parent level would be the empty topic */)).Sample((denied, asked) =>
        {
            var isCovered = Topics.Where(topic => Matches(asked, topic)).All(topic => Matches(denied, topic));
            Assert.Equal(isCovered, Mqtt.Gateway.Security.Filters.Covers(denied, asked));
        }, iter: 5_000);

    [Fact]
    public void Two_filters_overlap_exactly_if_a_topic_matches_both() =>
        Gen.Select(Filters, Filters).Sample((one, other) =>
        {
            // The enumerated topics have all that two filters of up to three levels can meet in, the empty topic aside.
            if (one == "/#" || other == "/#")
                return;
            var meet = Topics.Any(topic => Matches(one, topic) && Matches(other, topic));
            Assert.Equal(meet, Mqtt.Gateway.Security.Filters.Overlap(one, other));
            Assert.Equal(meet, Mqtt.Gateway.Security.Filters.Overlap(other, one));
        }, iter: 5_000);

    [Theory]
    [InlineData("publish a/#", AccessActions.Publish, "a/#")]
    [InlineData("subscribe  a b", AccessActions.Subscribe, "a b")]
    [InlineData("all #", AccessActions.All, "#")]
    internal void A_rule_is_a_verb_and_a_filter(string text, AccessActions actions, string filter) =>
        Assert.Equal(new DenyRule(actions, filter), DenyRule.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("publish")]
    [InlineData("publish a/#/b")]
    [InlineData("allow a")]
    [InlineData("Publish a")]
    public void What_is_no_rule_is_refused(string text)
    {
        Assert.Null(DenyRule.TryParse(text));
        Assert.Throws<FormatException>(() => DenyRule.Parse(text));
    }

    [Fact]
    public void Rules_deny_what_they_name_and_nothing_else()
    {
        var rules = new AccessRules(Options.Create(new AccessOptions { Deny = ["publish p/#", "subscribe s/+", "all x"] }));

        Assert.False(rules.MayPublish(_anyone, "p/1"u8));
        Assert.False(rules.MayPublish(_anyone, "x"u8));
        Assert.True(rules.MayPublish(_anyone, "s/1"u8));
        Assert.False(rules.MaySubscribe(_anyone, "s/1", QoS.AtMostOnce));
        Assert.False(rules.MaySubscribe(_anyone, "x", QoS.AtMostOnce));
        Assert.True(rules.MaySubscribe(_anyone, "s/#", QoS.AtMostOnce));
        Assert.True(rules.MaySubscribe(_anyone, "p/1", QoS.AtMostOnce));
    }

    private static bool Matches(string filter, string topic) =>
        TopicMatcher.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic));
}
