using System.Text;
using Orleans.Mqtt.Protocol.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Topics;

public class TopicRulesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/finance")]
    [InlineData("$SYS/broker")]
    [InlineData("with blanks/ß/\U0001F600")]
    public void A_topic_name_is_any_text_of_one_character_or_more(string topic)
    {
        Assert.True(TopicName.IsValid(topic));
        Assert.True(TopicName.IsValid(Encoding.UTF8.GetBytes(topic)));
        Assert.True(TopicFilter.IsValid(topic));
    }

    [Theory]
    [InlineData("", "[MQTT-4.7.3-1]")]
    [InlineData("a\0b", "[MQTT-4.7.3-2]")]
    [InlineData("+", "[MQTT-3.3.2-2]")]
    [InlineData("a/#", "[MQTT-3.3.2-2]")]
    [InlineData("a+b", "[MQTT-4.7.1-1]")]
    public void A_topic_name_is_not_empty_and_has_no_null_and_no_wildcard(string topic, string statement)
    {
        Assert.False(TopicName.IsValid(topic), statement);
        Assert.False(TopicName.IsValid(Encoding.UTF8.GetBytes(topic)), statement);
    }

    [Theory]
    [InlineData("#")]
    [InlineData("+")]
    [InlineData("/+")]
    [InlineData("+/")]
    [InlineData("+/+")]
    [InlineData("sport/#")]
    [InlineData("sport/tennis/+/#")]
    [InlineData("+/tennis/#")]
    [InlineData("sport/+/player1")]
    [InlineData("//#")]
    public void A_wildcard_may_stand_alone_in_its_level(string filter)
    {
        Assert.True(TopicFilter.IsValid(filter));
        Assert.True(TopicFilter.IsValid(Encoding.UTF8.GetBytes(filter)));
        Assert.True(TopicFilter.HasWildcard(Encoding.UTF8.GetBytes(filter)));
    }

    [Theory]
    [InlineData("", "[MQTT-4.7.3-1]")]
    [InlineData("a\0", "[MQTT-4.7.3-2]")]
    [InlineData("sport/tennis#", "[MQTT-4.7.1-2]")]
    [InlineData("sport/tennis/#/ranking", "[MQTT-4.7.1-2]")]
    [InlineData("#/", "[MQTT-4.7.1-2]")]
    [InlineData("##", "[MQTT-4.7.1-2]")]
    [InlineData("#a", "[MQTT-4.7.1-2]")]
    [InlineData("sport+", "[MQTT-4.7.1-3]")]
    [InlineData("+a", "[MQTT-4.7.1-3]")]
    [InlineData("a/+b/c", "[MQTT-4.7.1-3]")]
    [InlineData("a/b+/c", "[MQTT-4.7.1-3]")]
    [InlineData("++", "[MQTT-4.7.1-3]")]
    [InlineData("+#", "[MQTT-4.7.1-3]")]
    public void A_wildcard_stands_nowhere_else(string filter, string statement)
    {
        Assert.False(TopicFilter.IsValid(filter), statement);
        Assert.False(TopicFilter.IsValid(Encoding.UTF8.GetBytes(filter)), statement);
    }

    [Fact]
    public void Names_and_filters_are_at_most_65_535_bytes_long_MQTT_4_7_3_3()
    {
        var longest = new string('/', 65_535);

        Assert.True(TopicName.IsValid(longest));
        Assert.True(TopicFilter.IsValid(longest));
        Assert.False(TopicName.IsValid(longest + "/"));
        Assert.False(TopicFilter.IsValid(longest + "/"));
        Assert.False(TopicName.IsValid(new byte[65_536]));
        Assert.False(TopicFilter.IsValid(new byte[65_536]));
    }

    [Theory]
    [InlineData("$share/group/a/+", "group", "a/+")]
    [InlineData("$share/g//", "g", "/")]
    [InlineData("$share/g/#", "g", "#")]
    [InlineData("$share/$g/$SYS/x", "$g", "$SYS/x")]
    public void A_shared_filter_is_a_group_and_a_filter(string shared, string group, string filter)
    {
        Assert.True(SharedFilter.TryParse(shared, out var readGroup, out var readFilter));
        Assert.Equal((group, filter), (readGroup, readFilter));

        Assert.True(SharedFilter.TryParse(Encoding.UTF8.GetBytes(shared), out var groupBytes, out var filterBytes));
        Assert.Equal((group, filter), (Encoding.UTF8.GetString(groupBytes), Encoding.UTF8.GetString(filterBytes)));
        Assert.True(SharedFilter.IsShared(shared));
    }

    [Theory]
    [InlineData("$share")]
    [InlineData("$share/")]
    [InlineData("$share/g")]
    [InlineData("$share/g/")]
    [InlineData("$share//a")]
    [InlineData("$share/+/a")]
    [InlineData("$share/g#/a")]
    [InlineData("$share/g/a#")]
    public void A_group_has_a_name_without_wildcards_and_something_to_share_MQTT_4_8_2_1(string shared)
    {
        Assert.False(SharedFilter.TryParse(shared, out _, out _));
        Assert.False(SharedFilter.TryParse(Encoding.UTF8.GetBytes(shared), out _, out _));
        Assert.True(SharedFilter.IsShared(shared));
        Assert.True(SharedFilter.IsShared(Encoding.UTF8.GetBytes(shared)));
    }

    [Theory]
    [InlineData("share/g/a")]
    [InlineData("$SHARE/g/a")]
    [InlineData("$shared/g/a")]
    [InlineData("a/$share/g")]
    public void Nothing_else_is_shared(string filter)
    {
        Assert.False(SharedFilter.IsShared(filter));
        Assert.False(SharedFilter.TryParse(filter, out _, out _));
    }

    [Theory]
    [InlineData("$exclusive/a", "a")]
    [InlineData("$exclusive//", "/")]
    [InlineData("$exclusive/a/+/#", "a/+/#")]
    [InlineData("$exclusive/", null)]
    [InlineData("$exclusive", null)]
    [InlineData("$Exclusive/a", null)]
    [InlineData("$exclusive/a#", null)]
    [InlineData("$exclusive/$share/g/a", null)]
    [InlineData("$exclusive/$exclusive/a", null)]
    public void An_exclusive_filter_is_a_prefix_and_a_filter(string exclusive, string? filter)
    {
        Assert.Equal(filter is not null, ExclusiveFilter.TryParse(exclusive, out var parsed));
        Assert.Equal(filter, parsed);
        if (filter is null)
            return;

        Assert.Equal(filter, ExclusiveFilter.Matched(exclusive));
        Assert.Equal(filter, ExclusiveFilter.Matched(filter));
        Assert.Equal(exclusive, ExclusiveFilter.Of(filter));
    }

    [Theory]
    [InlineData("$SYS", true), InlineData("$SYS/", true), InlineData("$SYS/broker/uptime", true), InlineData("$SYS/#", true)]
    [InlineData("$SYSTEM", false), InlineData("$sys/a", false), InlineData("$S", false), InlineData("a/$SYS", false)]
    public void The_broker_speaks_of_itself_below_one_level_only(string topic, bool isSys)
    {
        Assert.Equal(isSys, SysTopic.Is(topic));
        Assert.Equal(isSys, SysTopic.Is(Encoding.UTF8.GetBytes(topic)));
    }

    [Theory]
    [InlineData("$delayed/0/a", 0u, "a")]
    [InlineData("$delayed/15/a/b", 15u, "a/b")]
    [InlineData("$delayed/007//", 7u, "/")]
    [InlineData("$delayed/4294967295/$SYS", uint.MaxValue, "$SYS")]
    public void A_delayed_topic_is_a_prefix_a_number_and_a_topic(string topic, uint seconds, string target)
    {
        Assert.True(DelayedTopic.TryParse(Encoding.UTF8.GetBytes(topic), out var parsed, out var parsedTarget));
        Assert.Equal((seconds, target), (parsed, Encoding.UTF8.GetString(parsedTarget)));
        Assert.Equal(target, Encoding.UTF8.GetString(DelayedTopic.TargetOf(Encoding.UTF8.GetBytes(topic))));
    }

    [Theory]
    [InlineData("$delayed/a/b")]
    [InlineData("$delayed/1")]
    [InlineData("$delayed/1/")]
    [InlineData("$delayed//a")]
    [InlineData("$delayed/-1/a")]
    [InlineData("$delayed/1s/a")]
    [InlineData("$delayed/4294967296/a")]
    [InlineData("$delayed/1/$delayed/2/a")]
    public void What_only_looks_like_a_delayed_topic_leads_nowhere(string topic)
    {
        Assert.True(DelayedTopic.IsDelayed(Encoding.UTF8.GetBytes(topic)));
        Assert.False(DelayedTopic.TryParse(Encoding.UTF8.GetBytes(topic), out _, out _));
        Assert.Equal(topic, Encoding.UTF8.GetString(DelayedTopic.TargetOf(Encoding.UTF8.GetBytes(topic))));
    }
}
