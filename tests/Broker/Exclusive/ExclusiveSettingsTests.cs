using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Exclusive;

/// <summary>What the operator may say of exclusive subscriptions.</summary>
public sealed class ExclusiveSettingsTests
{
    [Fact]
    public async Task Switched_off_they_are_refused_instead_of_bringing_nothing()
    {
        await using var broker = await TestBroker.StartAsync("--Sessions:ExclusiveSubscriptions=false");
        await using var alice = await broker.ConnectAsync();

        await AskAsync(alice, [0x80, 0], ("$exclusive/a", 1), ("a", 0));
    }

    [Fact]
    public async Task Who_may_not_hear_a_topic_may_not_hear_it_alone()
    {
        await using var broker = await TestBroker.StartAsync("--Access:Deny:0=subscribe secret/#");
        await using var alice = await broker.ConnectAsync();

        await AskAsync(alice, [0x80, 1], ("$exclusive/secret/a", 1), ("$exclusive/open/a", 1));
    }

    private static async Task AskAsync(RawClient client, int[] answers, params (string Filter, int QoS)[] filters) =>
        Assert.Equal(answers, await client.AskAsync(filters));
}
