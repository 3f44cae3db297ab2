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

    private static readonly string[] _topics =
    [
        .. from first in _levels from second in _levels from third in _levels
           from topic in new[] { first, $"{first}/{second}", $"{first}/{second}/{third}", $"{first}/{second}/{third}/x" }
           where topic.Length > 0
           select topic,
    ];

    private static readonly Gen<string> _filter =
        Gen.Select(Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("+"), Gen.Const(""), Gen.Const("$s")).Array[1, 3], Gen.Bool)
            .Select((levels, isOpen) => string.Join('/', isOpen ? [.. levels[1..], "#"] : levels))
            .Where(filter => TopicFilter.IsValid(filter));

    [Fact]
    public void A_rule_covers_a_wish_exactly_if_it_matches_every_topic_that_the_wish_matches() =>
        Gen.Select(_filter, _filter.Where(asked => asked != "/#" /* its parent level would be the empty topic */)).Sample((denied, asked) =>
        {
            var isCovered = _topics.Where(topic => Matches(asked, topic)).All(topic => Matches(denied, topic));
            Assert.Equal(isCovered, AccessRule.Covers(denied, asked));
        }, iter: 20_000);

    [Theory]
    [InlineData("publish a/#", true, false, "a/#")]
    [InlineData("subscribe  a b", false, true, "a b")]
    [InlineData("all #", true, true, "#")]
    public void A_rule_is_a_verb_and_a_filter(string text, bool forPublish, bool forSubscribe, string filter) =>
        Assert.Equal(new AccessRule(forPublish, forSubscribe, filter), AccessRule.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("publish")]
    [InlineData("publish a/#/b")]
    [InlineData("allow a")]
    [InlineData("Publish a")]
    public void What_is_no_rule_is_refused(string text)
    {
        Assert.Null(AccessRule.TryParse(text));
        Assert.Throws<FormatException>(() => AccessRule.Parse(text));
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
