using System.Text;
using Orleans.Mqtt.Protocol.Codec;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Codec;

public class MqttTextTests
{
    [Theory]
    [InlineData("ED A0 80", "a surrogate [MQTT-1.5.3-1]")]
    [InlineData("ED BF BF", "a surrogate [MQTT-1.5.3-1]")]
    [InlineData("61 00 62", "U+0000 [MQTT-1.5.3-2]")]
    [InlineData("C0 80", "an overlong U+0000")]
    [InlineData("C1 BF", "an overlong form")]
    [InlineData("E0 80 AF", "an overlong form")]
    [InlineData("F0 80 80 80", "an overlong form")]
    [InlineData("F4 90 80 80", "beyond U+10FFFF")]
    [InlineData("C3", "broken off")]
    [InlineData("80", "a continuation without a beginning")]
    [InlineData("FF", "no UTF-8 at all")]
    public void What_is_not_strictly_UTF_8_is_refused(string hex, string why) =>
        Assert.False(MqttText.IsValid(Bytes.Hex(hex)), why);

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("A\U0002A6D4")] // the example of chapter 1.5.4
    [InlineData("\u0001\u001F\u007F\uFFFF")] // discouraged, not forbidden
    public void Any_other_text_is_kept_as_it_is(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);

        Assert.True(MqttText.IsValid(utf8));
        Assert.True(MqttText.IsValid(text));
        Assert.Equal(text, MqttText.Decode(utf8));
    }

    [Fact]
    public void A_byte_order_mark_is_a_character_and_never_stripped_MQTT_1_5_3_3() =>
        Assert.Equal("\uFEFFa", MqttText.Decode(Bytes.Hex("EF BB BF 61")));

    [Fact]
    public void A_string_that_has_no_wire_form_is_told_apart()
    {
        Assert.False(MqttText.IsValid("\uD800"));
        Assert.False(MqttText.IsValid("\uDC00\uD800"));
        Assert.False(MqttText.IsValid("a\0b"));
    }

    [Fact]
    public void A_string_is_at_most_65_535_bytes_long()
    {
        Assert.True(MqttText.IsValid(new string('a', 65_535)));
        Assert.False(MqttText.IsValid(new string('a', 65_536)));
        Assert.False(MqttText.IsValid(new string('ä', 32_768)));
    }
}
