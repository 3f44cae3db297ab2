using System.Text;
using Orleans.Mqtt.Tests.Broker.Security;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Security;

/// <summary>Section 4.12 with the method that is built in: what is said between CONNECT and CONNACK.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class ScramTests
{
    private const int ProtocolError = 0x82;
    private const int BadUserNameOrPassword = 0x86;
    private const int NotAuthorized = 0x87;
    private const int PacketTooLarge = 0x95;

    private readonly GuardedBroker _broker;

    public ScramTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it has no SCRAM");
        _broker = broker;
    }

    /// <summary>What only a client that is in may say, and what AUTH must not say now.</summary>
    public static TheoryData<byte[]> OutOfPlace =>
    [
        Packet.Publish("open/x", "x", properties: new Props()),
        Packet.PubAck(1),
        Packet.Subscribe(1, new Props(), ("open/#", 0)),
        Packet.Unsubscribe(1, new Props(), "open/#"),
        Packet.PingReq,
        Packet.Connect(ConnectOptions.Version5),
        Packet.Of(0xF0),
        Packet.Auth(0x18, new Props()),
        Packet.Auth(0x00, RawClient.Method([1])),
        Packet.Auth(0x19, RawClient.Method([1])),
        Packet.Auth(0x18, RawClient.Method([1], "another")),
    ];

    [Theory, Spec("MQTT-4.12.0-2", "MQTT-4.12.0-5")]
    [InlineData("dave", "secret of dave")]
    [InlineData("erin, or=so", "secret of erin")]
    public async Task Who_proves_its_password_is_in_with_the_rights_of_its_name(string user, string password)
    {
        await using var client = await _broker.OpenAsync();

        await client.ConnectAsync(new ScramClient(user, password), ConnectOptions.Version5 with { UserName = "somebody else" });

        var answers = await client.AskAsync(($"users/{user}/x", 0), ("users/alice/x", 0));
        Assert.Equal([0, NotAuthorized], answers);
    }

    [Fact, Spec("MQTT-4.12.0-2")]
    public async Task Who_brings_no_data_is_asked_to_begin()
    {
        await using var client = await _broker.OpenAsync();
        var scram = new ScramClient("dave", "secret of dave");

        await client.SendAsync(Packet.Connect(ConnectOptions.Version5 with { Properties = new Props().Text(Prop.AuthMethod, ScramClient.Method) }));
        Assert.Empty(await client.ExpectAuthAsync(0x18));
        await client.SendAsync(Packet.Auth(0x18, RawClient.Method(scram.First())));
        await client.SendAsync(Packet.Auth(0x18, RawClient.Method(scram.Final(await client.ExpectAuthAsync(0x18)))));

        var welcome = await client.ReceiveAsync();
        Assert.Equal((RawType.ConnAck, 0), (welcome.Type, welcome.Reason));
        scram.ExpectSigned(welcome.Properties.Find(Prop.AuthData)!.Bytes);
    }

    [Fact, Spec("MQTT-4.12.0-4")]
    public async Task A_wrong_password_an_unknown_user_and_one_without_a_verifier_look_the_same()
    {
        var questions = new Dictionary<string, string>();
        foreach (var user in (string[])["dave", "nobody at all", "alice", "dave", "nobody at all", "alice"])
        {
            await using var client = await _broker.OpenAsync();
            var scram = new ScramClient(user, "a guess");
            await BeginAsync(client, scram.First());
            var final = scram.Final(await client.ExpectAuthAsync(0x18));
            var told = await client.ExpectReasonedRefusalAsync(Packet.Auth(0x18, RawClient.Method(final)), BadUserNameOrPassword);

            Assert.False(told.Has(Prop.AuthData));
            var shown = scram.Question[scram.Question.IndexOf(",s=", StringComparison.Ordinal)..];
            Assert.Equal(questions.TryAdd(user, shown) ? shown : questions[user], shown); // the same salt each time
            Assert.EndsWith(",i=4096", shown, StringComparison.Ordinal);
        }

        Assert.Equal(3, questions.Values.Distinct().Count());
        Assert.Single(questions.Values.Select(shown => shown.Length).Distinct());
    }

    [Theory, Spec("MQTT-4.12.0-4")]
    [InlineData("")]
    [InlineData("dave\0secret of dave")]
    [InlineData("p=tls-exporter,,n=dave,r=abc")]
    [InlineData("n,a=alice,n=dave,r=abc")]
    public async Task What_is_no_SCRAM_is_refused(string first)
    {
        await using var client = await _broker.OpenAsync();
        await BeginAsync(client, Encoding.UTF8.GetBytes(first));
        if (first.Length == 0)
        {
            await client.ExpectAuthAsync(0x18);
            await client.SendAsync(Packet.Auth(0x18, RawClient.Method([0xFF])));
        }

        await ExpectRefusedAsync(client, NotAuthorized);
    }

    [Theory, MemberData(nameof(OutOfPlace)), Spec("MQTT-3.1.2-30", "MQTT-4.12.0-3", "MQTT-4.12.0-5", "MQTT-3.14.0-1")]
    public async Task Nothing_but_the_next_AUTH_may_come_before_CONNACK(byte[] packet)
    {
        await using var client = await _broker.OpenAsync();
        await BeginAsync(client, new ScramClient("dave", "").First());
        await client.ExpectAuthAsync(0x18);

        await client.ExpectReasonedRefusalAsync(packet, ProtocolError); // no DISCONNECT before CONNACK
    }

    [Fact, Spec("MQTT-3.1.2-30")]
    public async Task DISCONNECT_ends_it()
    {
        await using var client = await _broker.OpenAsync();
        await BeginAsync(client, new ScramClient("dave", "").First());
        await client.ExpectAuthAsync(0x18);

        await client.SendAsync(Packet.Goodbye(0, new Props()));

        await client.ExpectClosedAsync();
    }

    [Fact, Spec("MQTT-3.1.2-24")]
    public async Task What_is_asked_fits_the_client()
    {
        await using var client = await _broker.OpenAsync();
        var tight = RawClient.Method(new ScramClient("dave", "").First()).Int(Prop.MaximumPacketSize, 40);

        await client.ExpectReasonedRefusalAsync(Packet.Connect(ConnectOptions.Version5 with { Properties = tight }), PacketTooLarge);
    }

    [Fact, Spec("MQTT-3.15.2-2", "MQTT-3.15.2-3", "MQTT-3.2.2-20")]
    public async Task AUTH_says_what_it_must_and_nothing_that_might_not_fit()
    {
        await using var client = await _broker.OpenAsync();
        await BeginAsync(client, new ScramClient("dave", "").First());

        var question = await client.ReceiveAsync();

        Assert.Equal([Prop.AuthMethod, Prop.AuthData], question.Properties.Select(each => each.Id));
    }

    [Fact]
    public async Task The_same_user_comes_in_with_its_password_too()
    {
        await using var client = await _broker.ConnectAsync("dave");
        await using var wrong = await _broker.OpenAsync();
        await wrong.ExpectRefusalAsync(GuardedBroker.As("dave", "guess"), 4);
    }

    [Fact]
    public async Task A_session_and_a_takeover_are_as_with_any_login()
    {
        var options = ConnectOptions.Version5 with { ClientId = Unique.ClientId() };
        await using var old = await _broker.OpenAsync();
        await old.ConnectAsync(new ScramClient("dave", "secret of dave"), options);

        await using var young = await _broker.OpenAsync();
        await young.ConnectAsync(new ScramClient("dave", "secret of dave"), options);

        await old.ExpectGoodbyeAsync(0x8E);
    }

    private static Task BeginAsync(RawClient client, byte[] first) =>
        client.SendAsync(Packet.Connect(ConnectOptions.Version5 with { Properties = RawClient.Method(first) }));

    private static async Task ExpectRefusedAsync(RawClient client, int reason) =>
        await client.ExpectReasonedRefusalAsync([], reason);
}
