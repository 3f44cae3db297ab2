using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>What the rules let a client say and hear.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class AccessTests
{
    private const int Failure = 0x80;

    private readonly GuardedBroker _broker;
    private readonly string _token = Unique.Token();

    public AccessTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        _broker = broker;
    }

    [Theory]
    [InlineData("open/x", true)]
    [InlineData("open/secret/x", false)]
    [InlineData("users/bob/x", true)]
    [InlineData("users/alice/x", false)]
    [InlineData("users/bobby/x", false)]
    [InlineData("elsewhere", false)]
    [InlineData("nobody/x", false)]
    public async Task Bob_says_what_the_rules_allow(string topic, bool isAllowed)
    {
        topic = $"{topic}/{_token}";
        await using var alice = await _broker.ConnectAsync("alice");
        await alice.SubscribeAsync("#", 1);
        await using var bob = await _broker.ConnectAsync("bob");

        await bob.PublishAsync(topic, _token, qos: 1);
        await bob.PublishAsync($"open/fence/{_token}", "fence", qos: 1);

        // Others are at work here, too, and alice hears them all.
        var heard = new List<string>();
        while (!heard.Contains($"open/fence/{_token}"))
            heard.Add((await alice.HearAsync()).Topic);
        Assert.Equal(isAllowed, heard.Contains(topic));
    }

    [Theory]
    [InlineData("open/x", 0)]
    [InlineData("open/+", Failure)] // what is denied may lie in it: open/secret
    [InlineData("open/x/#", 0)]
    [InlineData("open/#", Failure)]
    [InlineData("users/bob/#", 0)]
    [InlineData("users/alice/#", Failure)]
    [InlineData("users/+/x", Failure)]
    [InlineData("#", Failure)]
    [InlineData("+/bob/#", Failure)]
    [InlineData("nobody/x", Failure)]
    [InlineData("nobody/#", Failure)]
    public async Task Bob_hears_what_the_rules_allow(string filter, int answer)
    {
        await using var bob = await _broker.ConnectAsync("bob");

        Assert.Equal([answer], await bob.AskAsync((filter, 0)));
    }

    [Theory]
    [InlineData("sensor7", "clients/sensor7/x", true)]
    [InlineData("sensor7", "clients/sensor8/x", false)]
    [InlineData("+", "clients/sensor8/x", false)]
    [InlineData("#", "clients/sensor8/x", false)]
    [InlineData("sensor8/x", "clients/sensor8/x", false)]
    [InlineData("%u", "clients/carol/x", false)]
    [InlineData("%c", "clients/%c/x", true)]
    public async Task A_client_identifier_stands_for_itself_and_widens_nothing(string clientId, string topic, bool isAllowed)
    {
        await using var carol = await _broker.ConnectAsync(GuardedBroker.As("carol") with { ClientId = clientId });

        Assert.Equal([isAllowed ? 0 : Failure], await carol.AskAsync((topic, 0)));
        await carol.SendAsync(Packet.Publish(topic, "x"));
        await (isAllowed ? carol.ExpectTextAsync("x", topic) : carol.ExpectNothingAsync());
    }

    [Fact]
    public async Task A_will_that_the_rules_deny_ends_in_a_refusal()
    {
        await using var bob = await _broker.OpenAsync();

        await bob.ExpectRefusalAsync(GuardedBroker.As("bob") with { Will = new Will("users/alice/x", "gone") }, 5);
    }
}
