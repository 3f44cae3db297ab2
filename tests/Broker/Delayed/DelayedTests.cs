using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Delayed;

/// <summary>$delayed/SECONDS/topic: beyond the standard, as other brokers have it.</summary>
public sealed class DelayedTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task A_message_comes_when_its_delay_is_over_and_not_before(int qos)
    {
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic, 2);
        using var clock = PromiseClock.StartNew();
        await alice.PublishAsync($"$delayed/4/{_topic}", "later", qos);
        await alice.PublishAsync(_topic, "fence", qos);

        await alice.ExpectTextAsync("fence");
        var heard = await alice.HearAsync();

        Assert.Equal((_topic, "later", qos, false, false), (heard.Topic, heard.Text, heard.QoS, heard.Retain, heard.Dup));
        clock.ExpectBetween(3.99, 9); // due, and at most five seconds
        await alice.ExpectNothingAsync();
    }

    [Fact]
    public async Task Messages_of_one_delay_keep_their_order_and_a_shorter_one_comes_first()
    {
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic, 1);
        await alice.PublishAsync($"$delayed/8/{_topic}", "0", qos: 1);
        await alice.PublishAsync($"$delayed/1/{_topic}", "sooner", qos: 1); // seven seconds for one acknowledgement
        for (var i = 1; i < 50; i++)
            await alice.PublishAsync($"$delayed/8/{_topic}", $"{i}", qos: 1);

        await alice.ExpectTextAsync("sooner");
        for (var i = 0; i < 50; i++)
            await alice.ExpectTextAsync($"{i}");
    }

    [Fact]
    public async Task Who_is_away_when_it_is_due_gets_it_later()
    {
        var id = Unique.ClientId();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(_topic, 1);
        await using (var away = await broker.ConnectAsync(id, clean: false))
        {
            await away.SubscribeAsync(_topic, 1);
            await away.DisconnectAsync();
        }

        await witness.PublishAsync($"$delayed/1/{_topic}", "later", qos: 1);
        await witness.ExpectTextAsync("later");

        await using var back = await broker.ConnectAsync(id, clean: false);
        await back.ExpectTextAsync("later");
        await back.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_retained_message_is_kept_when_it_is_due()
    {
        await using var bob = await broker.ConnectAsync();
        await bob.SubscribeAsync(_topic, 1);
        await bob.PublishAsync($"$delayed/8/{_topic}", "kept", qos: 1, retain: true);
        await using var early = await broker.ConnectAsync();
        await early.SubscribeAsync(_topic, 1);
        await early.SubscribeAsync("$delayed/#", 1);

        var live = await early.HearAsync();
        Assert.Equal((_topic, "kept", false), (live.Topic, live.Text, live.Retain)); // it was not kept yet
        await early.ExpectNothingAsync();
        await bob.ExpectTextAsync("kept");
        await using var late = await broker.ConnectAsync();
        await late.SubscribeAsync(_topic, 1);

        Assert.True((await late.HearAsync()).Retain);
        await late.PublishAsync(_topic, "", qos: 1, retain: true);
    }

    [Fact]
    public async Task No_delay_is_no_wait()
    {
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic, 2);

        await alice.PublishAsync($"$delayed/0/{_topic}", "now", qos: 2);

        await alice.ExpectTextAsync("now");
    }

    [Fact]
    public async Task A_will_can_wait_so_too()
    {
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(_topic, 1);
        await using (var client = await broker.ConnectAsync(will: new Will($"$delayed/1/{_topic}", "gone for a second", qos: 1)))
            client.Abort();

        await witness.ExpectTextAsync("gone for a second", _topic);
    }

    [Theory]
    [InlineData("$delayed/x/~"), InlineData("$delayed/-1/~"), InlineData("$delayed/1.5/~"), InlineData("$delayed/1"), InlineData("$delayed/1/")]
    [InlineData("$delayed//~"), InlineData("$delayed/1/$delayed/1/~"), InlineData("$delayed/4294968/~"), InlineData("$delayed/99999999999/~")]
    public async Task What_makes_no_sense_is_for_nobody_and_costs_nobody_the_connection(string topic)
    {
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic, 1);
        await alice.SubscribeAsync("$delayed/#", 1);

        await alice.PublishAsync(topic.Replace("~", _topic, StringComparison.Ordinal), "nonsense", qos: 1);
        await alice.PublishAsync($"$delayed/1/{_topic}", "fence", qos: 1);

        await alice.ExpectTextAsync("fence");
    }
}
