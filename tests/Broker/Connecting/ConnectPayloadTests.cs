using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Connecting;

/// <summary>
/// Sections 3.1.2.3 to 3.1.3.5: the flags say what the payload holds, and the payload must keep to it.
/// </summary>
public sealed class ConnectPayloadTests(SharedBroker broker)
{
    private const int Clean = 0x02;
    private const int WillFlag = 0x04;
    private const int WillQoS1 = 0x08;
    private const int WillQoS2 = 0x10;
    private const int WillRetain = 0x20;
    private const int PasswordFlag = 0x40;
    private const int UserNameFlag = 0x80;

    private static readonly byte[] NotUtf8 = [0x66, 0xC3, 0x28];

    [Fact, Spec("MQTT-3.1.3-3")]
    public Task The_client_id_must_be_there() => ExpectClosedAsync(Clean, new ByteBuilder());

    [Fact, Spec("MQTT-3.1.3-4", "MQTT-1.5.3-1")]
    public Task The_client_id_must_be_UTF8() => ExpectClosedAsync(Clean, new ByteBuilder().Binary(NotUtf8));

    [Fact, Spec("MQTT-1.5.3-2")]
    public Task The_client_id_must_not_contain_a_null() => ExpectClosedAsync(Clean, Id("a\0b"));

    [Fact, Spec("MQTT-3.1.2-9", "MQTT-3.1.4-1")]
    public Task A_will_flag_wants_a_will_topic() => ExpectClosedAsync(Clean | WillFlag, Id());

    [Fact, Spec("MQTT-3.1.2-9", "MQTT-3.1.4-1")]
    public Task A_will_flag_wants_a_will_message() => ExpectClosedAsync(Clean | WillFlag, Id().Text("topic"));

    [Fact, Spec("MQTT-3.1.3-10", "MQTT-1.5.3-1")]
    public Task The_will_topic_must_be_UTF8() =>
        ExpectClosedAsync(Clean | WillFlag, Id().Binary(NotUtf8).Text("message"));

    [Theory, InlineData("a/#"), InlineData("+"), InlineData("a+b"), InlineData(""), InlineData("a\0")]
    [Spec("MQTT-3.1.3-10", "MQTT-4.7.1-1", "MQTT-4.7.3-1", "MQTT-4.7.3-2")]
    public Task The_will_topic_must_be_a_topic_name(string topic) =>
        ExpectClosedAsync(Clean | WillFlag, Id().Text(topic).Text("message"));

    [Fact, Spec("MQTT-3.1.2-14", "MQTT-3.1.4-1")]
    public Task A_will_of_QoS_3_is_malformed() =>
        ExpectClosedAsync(Clean | WillFlag | WillQoS1 | WillQoS2, Id().Text("topic").Text("message"));

    [Theory, InlineData(WillQoS1), InlineData(WillQoS2), InlineData(WillQoS1 | WillQoS2)]
    [Spec("MQTT-3.1.2-11", "MQTT-3.1.2-13", "MQTT-3.1.4-1")]
    public Task Without_a_will_there_is_no_will_QoS(int willQoS) => ExpectClosedAsync(Clean | willQoS, Id());

    [Fact, Spec("MQTT-3.1.2-11", "MQTT-3.1.2-15", "MQTT-3.1.4-1")]
    public Task Without_a_will_there_is_no_will_retain() => ExpectClosedAsync(Clean | WillRetain, Id());

    [Fact, Spec("MQTT-3.1.2-11")]
    public Task Without_a_will_flag_there_is_no_will_in_the_payload() =>
        ExpectClosedAsync(Clean, Id().Text("topic").Text("message"));

    [Fact, Spec("MQTT-3.1.2-18")]
    public Task Without_a_user_name_flag_there_is_no_user_name() =>
        ExpectClosedAsync(Clean, Id().Text("user"));

    [Fact, Spec("MQTT-3.1.2-19")]
    public Task A_user_name_flag_wants_a_user_name() => ExpectClosedAsync(Clean | UserNameFlag, Id());

    [Fact, Spec("MQTT-3.1.3-11", "MQTT-1.5.3-1")]
    public Task The_user_name_must_be_UTF8() =>
        ExpectClosedAsync(Clean | UserNameFlag, Id().Binary(NotUtf8));

    [Fact, Spec("MQTT-3.1.2-20")]
    public Task Without_a_password_flag_there_is_no_password() =>
        ExpectClosedAsync(Clean | UserNameFlag, Id().Text("user").Text("password"));

    [Fact, Spec("MQTT-3.1.2-21")]
    public Task A_password_flag_wants_a_password() =>
        ExpectClosedAsync(Clean | UserNameFlag | PasswordFlag, Id().Text("user"));

    [Fact, Spec("MQTT-3.1.2-22", "MQTT-3.1.4-1")]
    public Task A_password_wants_a_user_name_beside_it() =>
        ExpectClosedAsync(Clean | PasswordFlag, Id().Text("password"));

    [Fact, Spec("MQTT-3.1.3-1", "MQTT-3.1.2-19", "MQTT-3.1.2-21")]
    public async Task The_fields_are_read_in_their_order()
    {
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic, 2);
        await using var client = await broker.OpenAsync();

        await client.SendAsync(Packet.Connect(
            Clean | WillFlag | WillQoS2 | UserNameFlag | PasswordFlag,
            Id().Text(topic).Text("the will").Text("someone").Text("the password")));
        await client.ExpectAsync([0x20, 2, 0, 0]);
        client.Abort();

        var will = await witness.HearAsync();
        Assert.Equal((topic, "the will", 2), (will.Topic, will.Text, will.QoS));
    }

    [Theory, InlineData(null), InlineData(""), InlineData("secret"), InlineData("\0\u0001\u00ff")]
    [Spec("MQTT-3.1.2-19", "MQTT-3.1.2-21")]
    public async Task A_password_is_binary_and_may_be_missing_or_empty(string? password)
    {
        await using var client = await broker.ConnectAsync(new ConnectOptions
        {
            UserName = "someone",
            Password = password is null ? null : System.Text.Encoding.Latin1.GetBytes(password),
        });

        await client.ExpectNothingAsync();
    }

    /// <summary>Each cut gets a true remaining length: the packet is whole and its fields are not.</summary>
    [Fact, Spec("MQTT-3.1.4-1", "MQTT-4.8.0-1")]
    public async Task A_CONNECT_that_ends_too_early_is_malformed_wherever_it_ends()
    {
        var whole = Packet.Connect(new ConnectOptions
        {
            ClientId = "abc", Will = new Will("a/b", "c"), UserName = "d", Password = [1, 2],
        }).AsMemory(2);

        // Without its last field each time: less than 10 bytes has no whole header, from there on fields are missing.
        for (var length = 0; length < whole.Length; length++)
            await broker.ExpectClosedUponAsync(Packet.Of(0x10, whole[..length].ToArray()));
    }

    private static ByteBuilder Id(string? id = null) => new ByteBuilder().Text(id ?? Unique.ClientId());

    private Task ExpectClosedAsync(int flags, ByteBuilder payload) =>
        broker.ExpectClosedUponAsync(Packet.Connect(flags, payload));
}
