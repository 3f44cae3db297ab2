using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Connecting;

/// <summary>Section 3.1.3.1: the name under which a session is remembered.</summary>
public sealed class ClientIdTests(SharedBroker broker)
{
    [Theory, InlineData("0"), InlineData("0123456789abcdefghijklm"), InlineData("nopqrstuvwxyzABCDEFGHIJ")]
    [InlineData("KLMNOPQRSTUVWXYZ"), Spec("MQTT-3.1.3-5")]
    public async Task Up_to_23_letters_and_digits_are_always_welcome(string id)
    {
        await using var client = await broker.ConnectAsync(id);

        await client.ExpectNothingAsync();
    }

    /// <summary>More than the standard asks for; it lets a server allow them.</summary>
    [Theory, InlineData("with space/and#+$"), InlineData("Grüße, 世界 🌍"), InlineData("\ufeffid"), Spec("MQTT-1.5.3-3")]
    public async Task Any_UTF8_is_welcome_in_a_client_id(string id)
    {
        await using var client = await broker.ConnectAsync(id + Unique.Token());

        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.3-5")]
    public async Task A_client_id_of_a_thousand_bytes_is_welcome()
    {
        await using var client = await broker.ConnectAsync(Unique.Token().PadRight(1_000, 'x'));

        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.3-2")]
    public async Task The_client_id_tells_sessions_apart_and_case_counts()
    {
        var id = Unique.ClientId();
        await using var one = await broker.ConnectAsync(id + "a", clean: false);
        await using var other = await broker.ConnectAsync(id + "A", clean: false);

        Assert.False(other.SessionPresent);
        await one.ExpectNothingAsync();
        await other.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-1.5.3-3", "MQTT-3.1.3-2")]
    public async Task A_byte_order_mark_is_part_of_the_client_id()
    {
        var id = Unique.ClientId();
        await using var plain = await broker.ConnectAsync(id);
        await using var marked = await broker.ConnectAsync("\ufeff" + id);

        // Had the mark been stripped, the second would have taken over from the first.
        await plain.ExpectNothingAsync();
        await marked.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.3-6", "MQTT-3.1.3-7")]
    public async Task An_empty_client_id_gets_one_that_nobody_else_has()
    {
        await using var one = await broker.ConnectAsync("");
        await using var other = await broker.ConnectAsync("");

        await one.ExpectNothingAsync();
        await other.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.3-6")]
    public async Task A_client_without_an_id_is_as_good_as_any_other()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync("");
        await client.SubscribeAsync(topic, 2);

        await client.PublishAsync(topic, "to myself", qos: 2);

        await client.ExpectTextAsync("to myself");
    }

    [Fact, Spec("MQTT-3.1.3-8", "MQTT-3.1.3-9", "MQTT-3.2.2-4", "MQTT-3.2.2-5")]
    public async Task An_empty_client_id_cannot_have_a_lasting_session()
    {
        await using var client = await broker.OpenAsync();

        await client.ExpectRefusalAsync(new ConnectOptions { ClientId = "", CleanSession = false }, returnCode: 0x02);
    }
}
