using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Connecting;

/// <summary>Section 4.12: a way to authenticate that is not known here.</summary>
public sealed class AuthTests(SharedBroker broker)
{
    [Fact, Spec("MQTT-4.12.0-1")]
    public async Task A_method_that_is_not_known_is_refused()
    {
        await using var client = await broker.OpenAsync();
        await client.ExpectReasonedRefusalAsync(Packet.Connect(ConnectOptions.Version5 with
        {
            Properties = new Props().Text(Prop.AuthMethod, "no such method").Binary(Prop.AuthData, 1, 2),
        }), 0x8C);
    }

    [Fact, Spec("MQTT-4.12.0-6", "MQTT-4.13.1-1")]
    public async Task AUTH_of_a_client_without_a_method_is_a_protocol_error()
    {
        var method = new Props().Text(Prop.AuthMethod, "X");
        await broker.ExpectGoodbyeUponAsync(0x82, Packet.Auth(0x19, method));
        await broker.ExpectGoodbyeUponAsync(0x82, Packet.Auth(0x18, method));
    }

    [Fact, Spec("MQTT-3.1.0-1")]
    public Task AUTH_is_no_first_packet() =>
        broker.ExpectClosedUponAsync(Packet.Auth(0x18, new Props().Text(Prop.AuthMethod, "X")));

    [Fact, Spec("MQTT-4.13.1-1")]
    public async Task AUTH_without_a_method_or_with_success_is_a_protocol_error()
    {
        await broker.ExpectGoodbyeUponAsync(0x82, Packet.Of(0xF0));
        await broker.ExpectGoodbyeUponAsync(0x82, Packet.Auth(0x18, new Props()));
        await broker.ExpectClosedInSessionUponAsync(Packet.Auth(0x18, new Props().Text(Prop.AuthMethod, "X"))); // of 3.1.1
    }

    [Fact, Spec("MQTT-4.13.1-1")]
    public async Task Data_without_a_method_is_a_protocol_error()
    {
        await using var client = await broker.OpenAsync();
        await client.ExpectReasonedRefusalAsync(
            Packet.Connect(ConnectOptions.Version5 with { Properties = new Props().Binary(Prop.AuthData, 1) }), 0x82);
    }

    [Fact, Spec("MQTT-3.15.1-1", "MQTT-3.15.2-1")]
    public async Task AUTH_that_cannot_be_read_is_malformed()
    {
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0xF1, 0x18, 0));
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Auth(0x17, new Props().Text(Prop.AuthMethod, "X")));
    }
}
