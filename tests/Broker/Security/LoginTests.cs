using MQTTnet;
using Orleans.Mqtt.Tests.Broker.Interop;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Who comes in, and what the others are told.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class LoginTests
{
    private const int BadUserNameOrPassword = 4;
    private const int NotAuthorized = 5;

    private readonly GuardedBroker _broker;

    public LoginTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        _broker = broker;
    }

    [Fact]
    public async Task Who_has_the_password_comes_in_once_and_again()
    {
        for (var i = 0; i < 2; i++)
        {
            await using var client = await _broker.ConnectAsync("alice");
            await client.ExpectNothingAsync();
        }
    }

    [Theory, Spec("MQTT-3.2.2-4", "MQTT-3.2.2-5")]
    [InlineData("alice", "secret of bob")]
    [InlineData("alice", "")]
    [InlineData("Alice", "secret of alice")]
    [InlineData("nobody", "secret of alice")]
    [InlineData("", "")]
    public async Task A_wrong_password_and_an_unknown_user_are_told_the_same(string user, string password)
    {
        await using var client = await _broker.OpenAsync();

        await client.ExpectRefusalAsync(GuardedBroker.As(user, password), BadUserNameOrPassword);
    }

    [Fact]
    public async Task A_user_name_without_a_password_is_refused()
    {
        await using var client = await _broker.OpenAsync();

        await client.ExpectRefusalAsync(new ConnectOptions { UserName = "alice" }, BadUserNameOrPassword);
    }

    [Theory, InlineData(3), InlineData(4)]
    public async Task Who_says_nothing_of_itself_is_refused(int level)
    {
        await using var client = await _broker.OpenAsync();

        var options = level == 3 ? ConnectOptions.Version31 : new ConnectOptions();
        await client.ExpectRefusalAsync(options, NotAuthorized);
    }

    [Fact]
    public async Task A_session_is_not_touched_by_who_is_refused()
    {
        var options = GuardedBroker.As("alice") with { ClientId = Unique.ClientId() };
        await using var client = await _broker.ConnectAsync(options);

        await using var impostor = await _broker.OpenAsync();
        await impostor.ExpectRefusalAsync(options with { Password = "guess"u8.ToArray() }, BadUserNameOrPassword);

        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task Other_clients_understand_it()
    {
        await using var accepted = await OtherClient.ConnectAsync(
            _broker.Port, more: o => o.WithCredentials("bob", "secret of bob"));
        Assert.Equal(MqttClientConnectResultCode.Success, accepted.Answer.ResultCode);

        await using var refused = await OtherClient.ConnectAsync(_broker.Port, more: o => o.WithCredentials("bob", "guess"));
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, refused.Answer.ResultCode);
    }

    [Fact]
    public async Task No_password_comes_into_the_log()
    {
        await using var client = await _broker.OpenAsync();
        await client.ExpectRefusalAsync(GuardedBroker.As("secret typed as a name", "secret typed wrong"), BadUserNameOrPassword);

        await _broker.Broker.SaysAsync("was refused: BadUserNameOrPassword");

        Assert.DoesNotContain(_broker.Broker.Output, line => line.Contains("secret", StringComparison.Ordinal));
    }
}
