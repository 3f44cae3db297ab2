using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Topics;

/// <summary>Section 4.7.2: a topic that starts with '$' is not for everybody.</summary>
public sealed class DollarTests(SharedBroker broker)
{
    [Theory, InlineData("+/~"), InlineData("+/+/~"), InlineData("+/~/#"), InlineData("+/#"), InlineData("#")]
    [Spec("MQTT-4.7.2-1")]
    public async Task A_filter_that_starts_with_a_wildcard_does_not_match_it(string filter)
    {
        var token = Unique.Token();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(filter.Replace("~", token, StringComparison.Ordinal));
        await using var bob = await broker.ConnectAsync();

        await bob.PublishAsync($"$t/{token}", "must not be heard");
        await bob.PublishAsync($"$t/x/{token}", "must not be heard");
        var fence = filter.Contains("+/+", StringComparison.Ordinal) ? $"t/x/{token}" : $"t/{token}";
        await bob.PublishAsync(fence, "fence");

        Heard heard;
        do
        {
            // Filters without the token hear what other tests say, too.
            heard = await alice.HearAsync();
            Assert.NotEqual('$', heard.Topic[0]);
        }
        while (heard.Topic != fence);
    }

    [Theory, InlineData("$t/~"), InlineData("$t/~/#"), InlineData("$t/+"), Spec("MQTT-4.7.2-1")]
    public async Task A_filter_that_starts_with_the_same_level_matches_it(string filter)
    {
        var token = Unique.Token();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(filter.Replace("~", token, StringComparison.Ordinal));
        await using var bob = await broker.ConnectAsync();

        await bob.PublishAsync($"$t/{token}", token);

        Heard heard;
        do
            heard = await alice.HearAsync();
        while (heard.Text != token);
        Assert.Equal($"$t/{token}", heard.Topic);
    }

    [Theory, InlineData("#"), InlineData("+/~"), Spec("MQTT-4.7.2-1")]
    public async Task A_retained_message_there_is_not_given_to_a_wildcard_either(string filter)
    {
        var token = Unique.Token();
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync($"$t/{token}", "must not be heard", qos: 1, retain: true);
        await bob.PublishAsync($"t/{token}", "heard", qos: 1, retain: true);

        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(filter.Replace("~", token, StringComparison.Ordinal));

        Heard heard;
        do
        {
            heard = await alice.HearAsync();
            Assert.NotEqual('$', heard.Topic[0]);
        }
        while (heard.Topic != $"t/{token}");

        await alice.PublishAsync($"$t/{token}", "", qos: 1, retain: true);
        await alice.PublishAsync($"t/{token}", "", qos: 1, retain: true);
    }

    [Fact, Spec("MQTT-4.7.2-1")]
    public async Task A_filter_of_a_level_below_the_dollar_matches_its_retained_message()
    {
        var token = Unique.Token();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync($"$t/{token}", "kept", qos: 1, retain: true);

        await client.SubscribeAsync($"$t/{token}/#");

        await client.ExpectTextAsync("kept");
    }
}
