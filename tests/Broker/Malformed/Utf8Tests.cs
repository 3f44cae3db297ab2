using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Malformed;

/// <summary>Section 1.5.3: what is text must be good UTF-8.</summary>
public sealed class Utf8Tests(SharedBroker broker)
{
    public static TheoryData<string, byte[]> NotWellFormed => new()
    {
        { "a byte of a sequence without its start", [0x80] },
        { "a start without the bytes that it announces", [0x61, 0xC3] },
        { "a start, then something else", [0xC3, 0x28] },
        { "three bytes of four", [0xF0, 0x9F, 0x8C] },
        { "a slash in two bytes", [0xC0, 0xAF] },
        { "a slash in three bytes", [0xE0, 0x80, 0xAF] },
        { "a null in two bytes", [0xC0, 0x80] },
        { "the first surrogate, U+D800", [0xED, 0xA0, 0x80] },
        { "the last surrogate, U+DFFF", [0xED, 0xBF, 0xBF] },
        { "a pair of surrogates", [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80] },
        { "more than U+10FFFF", [0xF4, 0x90, 0x80, 0x80] },
        { "a byte that never occurs", [0xFF] },
    };

    [Theory, MemberData(nameof(NotWellFormed)), Spec("MQTT-1.5.3-1", "MQTT-3.3.2-1", "MQTT-3.8.3-1", "MQTT-3.10.3-1")]
    public async Task Ill_formed_text_closes_the_connection_wherever_it_stands(string what, byte[] text)
    {
        Assert.NotEmpty(what);
        await broker.ExpectClosedInSessionUponAsync(Packet.Of(0x30, new ByteBuilder().Binary(text).ToArray()));
        await broker.ExpectClosedInSessionUponAsync(
            Packet.Of(0x82, new ByteBuilder().Short(1).Binary(text).Byte(0).ToArray()));
        await broker.ExpectClosedInSessionUponAsync(
            Packet.Of(0xA2, new ByteBuilder().Short(1).Binary(text).ToArray()));
        await broker.ExpectClosedUponAsync(Packet.Connect(flags: 2, new ByteBuilder().Binary(text)));
    }

    [Theory, InlineData("\0"), InlineData("a\0b"), InlineData("a/b\0"), Spec("MQTT-1.5.3-2", "MQTT-4.7.3-2")]
    public async Task A_null_closes_the_connection(string text)
    {
        await broker.ExpectClosedInSessionUponAsync(Packet.Publish(text, "x"));
        await broker.ExpectClosedInSessionUponAsync(Packet.Subscribe(1, (text, 0)));
        await broker.ExpectClosedInSessionUponAsync(Packet.Unsubscribe(1, text));
    }

    [Fact, Spec("MQTT-1.5.3-3", "MQTT-4.7.3-4")]
    public async Task A_byte_order_mark_is_a_character_like_any_other()
    {
        var name = Unique.Token();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync("\ufeff" + name);

        await client.PublishAsync(name, "without");
        await client.PublishAsync("\ufeff" + name, "with");

        await client.ExpectTextAsync("with", "\ufeff" + name);
    }

    [Theory, InlineData("é"), InlineData("世界"), InlineData("🌍🚀")]
    [InlineData("\u007f\u0080\u07ff\u0800\uffff\U0010ffff")]
    [InlineData("\u0001\u001f"), Spec("MQTT-3.3.2-3", "MQTT-4.7.3-4")]
    public async Task Any_other_character_comes_through_unchanged(string text)
    {
        if (text.Any(each => char.IsControl(each) || each == '\uffff'))
            TestBroker.MosquittoDiffers("2.0.11 refuses control characters and non-characters, as the standard allows");
        var topic = $"{Unique.Topic()}/{text}";
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic);

        await client.PublishAsync(topic, Encoding.UTF8.GetBytes(text));

        await client.ExpectTextAsync(text, topic);
    }
}
