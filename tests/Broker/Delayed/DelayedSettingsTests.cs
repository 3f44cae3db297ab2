using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Delayed;

/// <summary>What the operator may say of delayed messages.</summary>
public sealed class DelayedSettingsTests
{
    private readonly string _topic = Unique.Topic();

    [Fact]
    public async Task Switched_off_it_is_a_topic_like_any_other()
    {
        await using var broker = await TestBroker.StartAsync("--Delayed:Enabled=false");
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("$delayed/#", 1);

        await alice.PublishAsync($"$delayed/1/{_topic}", "as it is", qos: 1);

        await alice.ExpectTextAsync("as it is", $"$delayed/1/{_topic}");
    }

    [Fact]
    public async Task No_more_wait_than_may_and_there_is_room_again_later()
    {
        await using var broker = await TestBroker.StartAsync("--Delayed:MaximumMessages=3");
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic, 1);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 5; i++)
                await alice.PublishAsync($"$delayed/6/{_topic}", $"{round} {i}", qos: 1); // all before the first is due
            for (var i = 0; i < 3; i++)
                await alice.ExpectTextAsync($"{round} {i}");
        }

        await alice.ExpectNothingAsync();
    }

    [Theory, InlineData("--Delayed:MaximumMessages=0"), InlineData("--Delayed:MaximumSeconds=0"), InlineData("--Delayed:MaximumBytes=1")]
    public async Task A_limit_that_makes_no_sense_ends_the_start(string argument)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => TestBroker.StartAsync(argument));

        Assert.Contains("Delayed", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_publish_may_not_publish_later_either()
    {
        await using var broker = await TestBroker.StartAsync("--Access:Deny:0=publish mute/#");
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("#", 1);
        await using (var bob = await broker.ConnectAsync())
        {
            await bob.SendAsync(Packet.Publish($"$delayed/0/mute/{_topic}", "denied", qos: 1, packetId: 1), Packet.Disconnect);
            await bob.DrainAsync();
        }

        await using (var carol = await broker.OpenAsync())
        {
            await carol.SendAsync(Packet.Connect(new ConnectOptions { Will = new Will($"$delayed/0/mute/{_topic}", "denied") }));
            await carol.SendAsync(Packet.Of(0xF0));
            await carol.DrainAsync();
        }

        await alice.PublishAsync($"$delayed/1/{_topic}", "fence", qos: 1);
        await alice.ExpectTextAsync("fence");
    }
}
