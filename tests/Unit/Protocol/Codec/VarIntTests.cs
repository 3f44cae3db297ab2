using CsCheck;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Codec;

public class VarIntTests
{
    // Table 2.4 of MQTT 3.1.1: the borders of each length.
    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "80 01")]
    [InlineData(321, "C1 02")]
    [InlineData(16_383, "FF 7F")]
    [InlineData(16_384, "80 80 01")]
    [InlineData(2_097_151, "FF FF 7F")]
    [InlineData(2_097_152, "80 80 80 01")]
    [InlineData(268_435_455, "FF FF FF 7F")]
    public void The_borders_of_the_table_are_encoded_as_it_says(int value, string hex)
    {
        var bytes = new byte[VarInt.Measure(value)];

        Assert.Equal(bytes.Length, VarInt.Write(bytes, value));
        Assert.Equal(Bytes.Hex(hex), bytes);
        Assert.True(VarInt.TryRead(bytes, out var read, out var length));
        Assert.Equal((value, bytes.Length), (read, length));
    }

    [Fact]
    public void What_is_written_is_what_is_read_and_any_beginning_of_it_waits()
    {
        Gen.Int[0, VarInt.Maximum].Sample(value =>
        {
            Span<byte> bytes = stackalloc byte[VarInt.MaximumBytes];
            var written = VarInt.Write(bytes, value);
            for (var part = 0; part < written; part++)
            {
                if (VarInt.TryRead(bytes[..part], out _, out _))
                    return false;
            }

            return VarInt.TryRead(bytes, out var read, out var length) && read == value && length == written;
        });
    }

    [Fact]
    public void A_fifth_byte_is_malformed_and_not_a_reason_to_wait()
    {
        var refused = Assert.Throws<ProtocolException>(() => VarInt.TryRead(Bytes.Hex("FF FF FF FF"), out _, out _));

        Assert.Equal(ReasonCode.MalformedPacket, refused.Reason);
    }
}
