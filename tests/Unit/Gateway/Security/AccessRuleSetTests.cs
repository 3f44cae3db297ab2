using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Files;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Security;

public class AccessRuleSetTests
{
    private static readonly ClientIdentity _alice = new("phone", "alice") { IsAuthenticated = true, Roles = ["staff"] };
    private static readonly ClientIdentity _nobody = new("phone", "alice");

    [Theory]
    [InlineData("allow alice publish a/#", true, "alice", AccessActions.Publish, "a/#")]
    [InlineData("deny  *  all  a b/c", false, "*", AccessActions.All, "a b/c")]
    [InlineData("allow \"CN=a b, O=c\" subscribe #", true, "CN=a b, O=c", AccessActions.Subscribe, "#")]
    [InlineData(" allow @staff all %u/%c ", true, "@staff", AccessActions.All, "%u/%c")]
    internal void A_rule_is_four_words(string text, bool isAllowed, string who, AccessActions actions, string pattern) =>
        Assert.Equal(new AccessRule(isAllowed, who, actions, pattern), AccessRule.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("allow")]
    [InlineData("allow alice")]
    [InlineData("allow alice publish")]
    [InlineData("allow alice publish a/#/b")]
    [InlineData("permit alice publish a")]
    [InlineData("allow alice read a")]
    [InlineData("allow \"\" all a")]
    public void What_is_no_rule_is_refused(string text)
    {
        Assert.Null(AccessRule.TryParse(text));
        Assert.Throws<FormatException>(() => AccessRule.Parse(text));
    }

    [Theory]
    [InlineData("*", true, true)]
    [InlineData("alice", true, false)]
    [InlineData("bob", false, false)]
    [InlineData("@staff", true, false)]
    [InlineData("@others", false, false)]
    [InlineData("@authenticated", true, false)]
    [InlineData("@anonymous", false, true)]
    public void A_rule_is_about_those_it_names(string who, bool isAlice, bool isNobody)
    {
        var rules = NewRules(AccessDefault.Deny, $"allow {who} all #");

        Assert.Equal(isAlice, rules.MayPublish(_alice, "a"u8));
        Assert.Equal(isNobody, rules.MayPublish(_nobody, "a"u8));
        Assert.Equal(isNobody, rules.MaySubscribe(_nobody, "a", QoS.AtMostOnce));
    }

    [Fact]
    public void The_first_rule_that_applies_decides()
    {
        var rules = NewRules(AccessDefault.Deny, "allow alice publish a/b", "deny alice publish a/#", "allow * publish #");

        Assert.True(rules.MayPublish(_alice, "a/b"u8));
        Assert.False(rules.MayPublish(_alice, "a/c"u8));
        Assert.True(rules.MayPublish(_alice, "b"u8));
        Assert.True(rules.MayPublish(_nobody, "a/c"u8));
        Assert.False(rules.MaySubscribe(_alice, "a/b", QoS.AtMostOnce));
    }

    [Theory]
    [InlineData(null, false, true)]
    [InlineData(null, true, false)]
    [InlineData("Allow", true, true)]
    [InlineData("Deny", false, false)]
    public void What_no_rule_speaks_of_is_allowed_only_without_rules_or_where_that_is_set(string? byDefault, bool hasRules, bool isAllowed)
    {
        AccessDefault? setting = byDefault is null ? null : Enum.Parse<AccessDefault>(byDefault);
        var rules = NewRules(setting, hasRules ? ["allow * all a"] : []);

        Assert.Equal(isAllowed, rules.MayPublish(_alice, "b"u8));
        Assert.Equal(isAllowed, rules.MaySubscribe(_alice, "b", QoS.AtMostOnce));
    }

    [Theory]
    [InlineData("phone", true)]
    [InlineData("Phone", false)]
    [InlineData("+", false)]
    [InlineData("#", false)]
    [InlineData("a/phone", false)]
    [InlineData("$SYS", false)]
    [InlineData("%c", false)]
    [InlineData("", false)]
    public void A_name_that_would_widen_a_filter_is_not_put_in(string clientId, bool isAllowed)
    {
        var rules = NewRules(AccessDefault.Deny, "allow * all %c/#", "allow * all x/%c");
        var client = _alice with { ClientId = clientId };

        Assert.Equal(isAllowed, rules.MayPublish(client, "phone/1"u8));
        Assert.Equal(isAllowed, rules.MaySubscribe(client, "x/phone", QoS.AtMostOnce));
        Assert.False(rules.MayPublish(client, "$SYS/1"u8));
    }

    [Fact]
    public void What_a_name_brings_along_is_no_placeholder()
    {
        var rules = NewRules(AccessDefault.Deny, "allow * publish %c/%u");

        Assert.False(rules.MayPublish(new ClientIdentity("%u", "alice") { IsAuthenticated = true }, "alice/alice"u8));
        Assert.True(rules.MayPublish(new ClientIdentity("%u", "alice") { IsAuthenticated = true }, "%u/alice"u8));
        Assert.False(rules.MayPublish(_nobody, "phone/alice"u8)); // its user name was not proven
    }

    [Fact]
    public void A_superuser_is_bound_by_nothing_but_what_nobody_may()
    {
        var rules = new AccessRules(Options.Create(new AccessOptions { Deny = ["all x"], Rules = ["deny * all #"] }));
        var root = _alice with { IsSuperuser = true };

        Assert.True(rules.MayPublish(root, "a"u8));
        Assert.True(rules.MaySubscribe(root, "#", QoS.AtMostOnce));
        Assert.False(rules.MayPublish(root, "x"u8));
    }

    /// <summary>The promise behind not judging deliveries: whatever a subscription brings, its client might have asked for alone.</summary>
    [Fact]
    public void A_subscription_that_is_allowed_brings_nothing_that_is_denied() =>
        Gen.Select(Gen.Select(AccessRuleTests.Filters, Gen.Bool).Array[0, 5], AccessRuleTests.Filters, Gen.Bool).Sample((rules, asked, isAllowed) =>
        {
            var set = NewRules(
                isAllowed ? AccessDefault.Allow : AccessDefault.Deny,
                [.. rules.Select(rule => $"{(rule.Item2 ? "allow" : "deny")} * subscribe {rule.Item1}")]);
            if (!set.MaySubscribe(_alice, asked, QoS.AtMostOnce))
                return;

            Assert.All(
                AccessRuleTests.Topics.Where(topic => TopicMatcher.Matches(Encoding.UTF8.GetBytes(asked), Encoding.UTF8.GetBytes(topic))),
                topic => Assert.True(set.MaySubscribe(_alice, topic, QoS.AtMostOnce), topic));
        }, iter: 3_000);

    [Fact]
    public void A_connection_asks_without_an_allocation_and_hears_of_new_rules()
    {
        string[] lines = ["allow alice publish %c/#"];
        var options = new AccessOptions { Rules = lines, Deny = ["publish x"] };
        using var path = new TempFile("deny * publish phone/9\n");
        options = new AccessOptions { Rules = options.Rules, Deny = options.Deny, RulesFile = path.Path };
        var file = new WatchedFile<AccessRuleSet>([path.Path], _ => AccessRuleSet.Read(options), NullLogger.Instance);
        var connection = new AccessRules(Options.Create(options), file).ForConnection(_alice);
        Assert.True(connection.MayPublish(_alice, "phone/1"u8));

        var allowed = 0;
        var allocated = Allocations.LeastOf(() =>
        {
            allowed = 0;
            for (var i = 0; i < 1000; i++)
                allowed += (connection.MayPublish(_alice, "phone/1"u8) ? 1 : 0) + (connection.MayPublish(_alice, "other"u8) ? 1 : 0);
        });
        Assert.Equal(0, allocated);
        Assert.Equal(1000, allowed);

        path.Write("allow * publish other\n");
        file.Look();
        file.Look(); // one look sees the change, the next that it is complete
        Assert.True(connection.MayPublish(_alice, "other"u8));
        Assert.False(connection.MayPublish(_alice, "x"u8));
    }

    private static AccessRules NewRules(AccessDefault? byDefault, params string[] rules) =>
        new(Options.Create(new AccessOptions { Rules = rules, Default = byDefault }));
}
