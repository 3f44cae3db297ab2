using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Connecting;

/// <summary>Section 3.1: a CONNECT of MQTT 5 that cannot be read is answered with the reason.</summary>
public sealed class MalformedConnectTests(SharedBroker broker)
{
    private const int Malformed = 0x81;

    /// <summary>What a CONNECT with these flags has behind them, up to its payload.</summary>
    private static byte[] Connect(int flags, ByteBuilder payload, int header = 0x10, Props? properties = null) =>
        Packet.Of(header, new ByteBuilder()
            .Text("MQTT").Byte(5).Byte(flags).Short(0).Block(properties ?? new Props()).Raw(payload.ToArray()).ToArray());

    private static ByteBuilder ClientId => new ByteBuilder().Text(Unique.ClientId());

    private static ByteBuilder WithWill => ClientId.Block(new Props()).Text("will/topic").Text("will");

    [Fact, Spec("MQTT-3.1.2-3", "MQTT-2.1.3-1", "MQTT-3.1.4-1")]
    public Task The_reserved_flag_must_be_zero() => ExpectMalformedAsync(Connect(0x03, ClientId));

    [Fact, Spec("MQTT-2.1.3-1", "MQTT-3.1.4-1")]
    public Task The_first_byte_has_no_flags() => ExpectMalformedAsync(Connect(0x02, ClientId, header: 0x11));

    [Theory, InlineData(0x0A), InlineData(0x12), InlineData(0x1A), Spec("MQTT-3.1.2-11")]
    public Task Without_a_will_there_is_no_will_QoS(int flags) => ExpectMalformedAsync(Connect(flags, ClientId));

    [Fact, Spec("MQTT-3.1.2-13")]
    public Task Without_a_will_there_is_no_will_retain() => ExpectMalformedAsync(Connect(0x22, ClientId));

    [Fact, Spec("MQTT-3.1.2-12")]
    public Task A_will_of_QoS_3_is_malformed() => ExpectMalformedAsync(Connect(0x1E, WithWill));

    [Fact, Spec("MQTT-3.1.2-9")]
    public async Task A_will_flag_wants_all_the_fields_of_a_will()
    {
        await ExpectMalformedAsync(Connect(0x06, ClientId));
        await ExpectMalformedAsync(Connect(0x06, ClientId.Block(new Props())));
        await ExpectMalformedAsync(Connect(0x06, ClientId.Block(new Props()).Text("topic")));
        await ExpectMalformedAsync(Connect(0x06, ClientId.Text("topic").Text("no properties")));
    }

    [Fact, Spec("MQTT-3.1.2-16")]
    public Task Without_its_flag_there_is_no_user_name() => ExpectMalformedAsync(Connect(0x02, ClientId.Text("user")));

    [Fact, Spec("MQTT-3.1.2-17")]
    public Task With_its_flag_there_is_a_user_name() => ExpectMalformedAsync(Connect(0x82, ClientId));

    [Fact, Spec("MQTT-3.1.2-18")]
    public Task Without_its_flag_there_is_no_password() =>
        ExpectMalformedAsync(Connect(0x82, ClientId.Text("user").Text("password")));

    [Fact, Spec("MQTT-3.1.2-19")]
    public Task With_its_flag_there_is_a_password() => ExpectMalformedAsync(Connect(0xC2, ClientId.Text("user")));

    [Fact, Spec("MQTT-3.1.3-3")]
    public Task The_client_id_is_never_missing() => ExpectMalformedAsync(Connect(0x02, new ByteBuilder()));

    [Fact, Spec("MQTT-3.1.3-4", "MQTT-1.5.4-1")]
    public async Task The_client_id_must_be_UTF8()
    {
        await ExpectMalformedAsync(Connect(0x02, new ByteBuilder().Binary([0xC3, 0x28])));
        await ExpectMalformedAsync(Connect(0x02, new ByteBuilder().Binary([0xED, 0xA0, 0x80]))); // a surrogate
    }

    [Fact, Spec("MQTT-1.5.4-2")]
    public Task The_client_id_must_not_contain_a_null() =>
        ExpectMalformedAsync(Connect(0x02, new ByteBuilder().Binary([(byte)'a', 0])));

    [Fact, Spec("MQTT-3.1.3-11", "MQTT-1.5.4-1")]
    public Task The_will_topic_must_be_UTF8() =>
        ExpectMalformedAsync(Connect(0x06, ClientId.Block(new Props()).Binary([0xFF]).Text("will")));

    [Fact, Spec("MQTT-4.7.0-1")]
    public Task The_will_topic_must_not_have_wildcards() => ExpectRefusalAsync(
        Connect(0x06, ClientId.Block(new Props()).Text("a/+").Text("will")), 0x90);

    [Fact, Spec("MQTT-3.1.3-12", "MQTT-1.5.4-1")]
    public Task The_user_name_must_be_UTF8() => ExpectMalformedAsync(Connect(0x82, ClientId.Binary([0xFF])));

    [Fact, Spec("MQTT-3.1.4-1")]
    public async Task Nothing_may_be_missing_or_too_much()
    {
        await ExpectMalformedAsync(Connect(0x02, ClientId.Byte(0)));
        await ExpectMalformedAsync(Packet.Of(0x10, new ByteBuilder().Text("MQTT").Byte(5).Byte(2).Short(0).ToArray()));
    }

    [Fact, Spec("MQTT-1.5.5-1")]
    public Task The_length_of_the_properties_is_in_its_shortest_form() => ExpectMalformedAsync(Packet.Of(
        0x10, new ByteBuilder().Text("MQTT").Byte(5).Byte(2).Short(0).Byte(0x80).Byte(0).Text("id").ToArray()));

    [Fact, Spec("MQTT-2.2.2-1")]
    public Task No_properties_are_a_length_of_zero_and_not_nothing() => ExpectMalformedAsync(Packet.Of(
        0x10, new ByteBuilder().Text("MQTT").Byte(5).Byte(2).Short(0).Text(Unique.ClientId()).ToArray()));

    [Fact, Spec("MQTT-4.13.1-1")]
    public async Task A_CONNECT_that_is_too_large_is_refused_with_the_reason()
    {
        await using var client = await broker.OpenAsync();

        // The size is judged before the rest has come.
        byte[] start = [0x10, .. new ByteBuilder().Length(20_000_000).Text("MQTT").Byte(5).Byte(2).Short(0).ToArray()];
        await client.ExpectReasonedRefusalAsync(start, 0x95);
    }

    [Fact, Spec("MQTT-3.2.2-19", "MQTT-3.1.2-24")]
    public async Task The_reason_in_words_is_left_out_where_it_does_not_fit()
    {
        var options = ConnectOptions.Version5 with
        {
            Properties = new Props().Text(Prop.AuthMethod, "none").Int(Prop.MaximumPacketSize, 10),
        };
        await using var client = await broker.OpenAsync();
        await client.SendAsync(Packet.Connect(options));
        await client.ExpectAsync([0x20, 3, 0, 0x8C, 0]);
        await client.ExpectClosedAsync();
    }

    private Task ExpectMalformedAsync(byte[] connect) => ExpectRefusalAsync(connect, Malformed);

    private async Task ExpectRefusalAsync(byte[] connect, int reason)
    {
        await using var client = await broker.OpenAsync();
        var properties = await client.ExpectReasonedRefusalAsync(connect, reason);
        Assert.NotEmpty(properties.Find(Prop.ReasonString)!.Text);
    }
}
