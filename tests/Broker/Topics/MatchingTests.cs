using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Topics;

/// <summary>Section 4.7: which filter matches which topic. A '~' stands for a level that no other test has.</summary>
public sealed class MatchingTests(SharedBroker broker)
{
    [Theory]
    [InlineData("~", "~")]
    [InlineData("~/#", "~")]
    [InlineData("~/#", "~/")]
    [InlineData("~/#", "~/a")]
    [InlineData("~/#", "~/a/b/c")]
    [InlineData("~/tennis/player1/#", "~/tennis/player1")]
    [InlineData("~/tennis/player1/#", "~/tennis/player1/ranking")]
    [InlineData("~/tennis/player1/#", "~/tennis/player1/score/wimbledon")]
    [InlineData("~/tennis/+", "~/tennis/player1")]
    [InlineData("~/+", "~/")]
    [InlineData("+/~", "/~")]
    [InlineData("/+/~", "/a/~")]
    [InlineData("+/+/~", "/a/~")]
    [InlineData("/~", "/~")]
    [InlineData("~/+/c", "~/b/c")]
    [InlineData("~/+/c", "~//c")]
    [InlineData("~/+/+", "~//")]
    [InlineData("~/+/#", "~/a")]
    [InlineData("~/+/#", "~/a/b/c")]
    [InlineData("+/~/#", "a/~")]
    [InlineData("+/~/+/#", "a/~/b/c/d")]
    [InlineData("~/a b", "~/a b")]
    [InlineData("~/$SYS", "~/$SYS")]
    [InlineData("~/+", "~/$SYS")]
    [InlineData("~/#", "~/$SYS/a")]
    [Spec("MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-3.3.2-3")]
    public async Task A_filter_matches(string filter, string topic)
    {
        await using var client = await broker.ConnectAsync();
        var level = Unique.Token();
        await client.SubscribeAsync(filter.Replace("~", level, StringComparison.Ordinal), 1);

        topic = topic.Replace("~", level, StringComparison.Ordinal);
        await client.PublishAsync(topic, "heard", qos: 1);

        await client.ExpectTextAsync("heard", topic);
    }

    [Theory]
    [InlineData("~", "~/")]
    [InlineData("~/", "~")]
    [InlineData("~", "/~")]
    [InlineData("/~", "~")]
    [InlineData("~/+", "~")]
    [InlineData("~/+", "~/a/b")]
    [InlineData("~/+", "~/a/")]
    [InlineData("+/~", "~")]
    [InlineData("/+/~", "a/~")]
    [InlineData("+/~", "//~")]
    [InlineData("~/+/c", "~/c")]
    [InlineData("~/+/c", "~/a/b/c")]
    [InlineData("~/a/#", "~")]
    [InlineData("~/a/#", "~/ab")]
    [InlineData("~/a//#", "~/a")]
    [InlineData("~/+/+", "~/a")]
    [InlineData("~/+/#", "~")]
    [InlineData("~/a", "~/A")]
    [InlineData("~/a", "~/a ")]
    [InlineData("~/a", "~/ a")]
    [InlineData("~/é", "~/e\u0301")]
    [InlineData("~/e\u0301", "~/é")]
    [InlineData("~/ﬁ", "~/fi")]
    [InlineData("~/a//b", "~/a/b")]
    [InlineData("~/./a", "~/a")]
    [InlineData("~/*", "~/a")]
    [Spec("MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.3-4", "MQTT-3.3.2-3")]
    public async Task A_filter_does_not_match(string filter, string topic)
    {
        await using var client = await broker.ConnectAsync();
        var level = Unique.Token();
        await client.SubscribeAsync(filter.Replace("~", level, StringComparison.Ordinal), 1);
        await client.SubscribeAsync($"fence/{level}", 1);

        await client.PublishAsync(topic.Replace("~", level, StringComparison.Ordinal), "must not be heard", qos: 1);
        await client.PublishAsync($"fence/{level}", "fence", qos: 1);

        await client.ExpectTextAsync("fence");
    }

    /// <summary>This one hears what all the other tests publish, and looks for its own.</summary>
    [Fact, Spec("MQTT-4.7.1-2")]
    public async Task A_number_sign_alone_matches_everything()
    {
        var topic = Unique.Topic();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("#");
        await using var bob = await broker.ConnectAsync();

        foreach (var each in new[] { topic, "/" + topic, topic + "/", topic + "//x" })
        {
            await bob.PublishAsync(each, "heard");
            while ((await alice.HearAsync()).Topic != each)
            {
                // What other tests say.
            }
        }
    }

    [Fact, Spec("MQTT-4.7.1-3")]
    public async Task Plus_signs_alone_match_by_the_number_of_levels()
    {
        var token = Unique.Token();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("+/+/+/+/+/+/+");
        await using var bob = await broker.ConnectAsync();

        await bob.PublishAsync($"1/2/3/4/5/{token}", "six levels");
        await bob.PublishAsync($"1/2/3/4/5/6/7/{token}", "eight levels");
        await bob.PublishAsync($"1/2/3/4/5/6/{token}", "seven levels");

        await alice.ExpectTextAsync("seven levels");
    }

    [Fact, Spec("MQTT-4.7.3-3")]
    public async Task A_topic_may_have_many_levels()
    {
        // Mosquitto stops at 200 of them, which the standard allows.
        var topic = Unique.Token() + string.Concat(Enumerable.Range(0, 150).Select(i => $"/{i}"));
        await using var client = await broker.ConnectAsync();
        var (first, last) = (topic.IndexOf('/', StringComparison.Ordinal), topic.LastIndexOf('/'));
        var manyWildcards = topic[..first] + string.Concat(Enumerable.Repeat("/+", 150));
        await client.AskAsync((topic, 1), (topic[..last] + "/+", 1), (manyWildcards, 1));

        await client.PublishAsync(topic, "deep", qos: 1);

        await client.ExpectTextAsync("deep", topic);
    }
}
