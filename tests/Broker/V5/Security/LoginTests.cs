using Orleans.Mqtt.Tests.Broker.Security;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Security;

/// <summary>What a client of MQTT 5 is told, on every kind of listener.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class LoginTests
{
    private const int BadUserNameOrPassword = 0x86;
    private const int NotAuthorized = 0x87;
    private const int SessionTakenOver = 0x8E;

    private readonly GuardedBroker _broker;

    public LoginTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        _broker = broker;
    }

    public static TheoryData<string> Listeners => ["tcp", "tls", "ws", "wss"];

    [Theory, MemberData(nameof(Listeners))]
    public async Task A_wrong_password_has_a_reason_of_its_own(string listener)
    {
        await using var client = await OpenAsync(listener);

        var told = await client.ExpectReasonedRefusalAsync(Packet.Connect(As("alice") with { Password = [1] }), BadUserNameOrPassword);

        Assert.Contains(told, each => each.Id == Prop.ReasonString);
    }

    [Fact]
    public async Task So_has_nobody_in_particular_and_a_password_without_a_name()
    {
        await using var nobody = await _broker.OpenAsync();
        await nobody.ExpectReasonedRefusalAsync(Packet.Connect(ConnectOptions.Version5), NotAuthorized);
        await using var nameless = await _broker.OpenAsync();
        await nameless.ExpectReasonedRefusalAsync(Packet.Connect(ConnectOptions.Version5 with { Password = [1] }), NotAuthorized);
    }

    [Fact]
    public async Task A_message_and_a_filter_that_the_rules_deny_have_it_too()
    {
        await using var client = await _broker.ConnectAsync(As("bob"));

        await client.SendAsync(Packet.Publish("elsewhere", "x", 1, 7, properties: new Props()));

        Assert.Equal(NotAuthorized, (await client.AnswerAsync(RawType.PubAck, 7)).Reason);
        Assert.Equal(NotAuthorized, Assert.Single(await client.AskAsync(("elsewhere", 0))));
    }

    [Theory, MemberData(nameof(Listeners)), Spec("MQTT-3.1.4-3")]
    public async Task Who_is_sent_away_is_told_why_and_the_connection_ends(string listener)
    {
        await using var older = await OpenAsync(listener);
        await older.ConnectAsync(As("alice"));

        await using var newer = await OpenAsync(listener);
        await newer.ConnectAsync(As("alice") with { ClientId = older.ClientId });

        await older.ExpectGoodbyeAsync(SessionTakenOver);
    }

    private static ConnectOptions As(string user) => ConnectOptions.Version5 with
    {
        UserName = user, Password = GuardedBroker.As(user).Password,
    };

    private async Task<RawClient> OpenAsync(string listener) => listener switch
    {
        "tcp" => await _broker.OpenAsync(),
        "tls" => RawClient.Over(await Tls.OpenAsync(_broker.TlsPort, _broker.Authority)),
        "ws" => await _broker.OpenWebSocketAsync(),
        _ => await _broker.OpenWebSocketAsync(isSecure: true),
    };
}
