using System.Buffers;
using System.Text;
using CsCheck;
using Orleans.Mqtt.Gateway.Listeners;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Listeners;

public class ProxyHeaderTests
{
    private const string Signature = "\r\n\r\n\0\r\nQUIT\n";

    private static readonly IGen<string>[] _starts =
        [.. new[] { "", "PROXY ", "PROXY TCP4 ", Signature, Signature + "\u0021\u0011\0" }.Select(start => Gen.Const(start))];

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.7 198.51.100.2 65535 1883\r\n", "203.0.113.7:65535")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 1 1883\r\n", "[2001:db8::7]:1")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", null)]
    [InlineData(Signature + "\u0021\u0011\0\u000c\u00cb\0\u0071\u0009\u00c6\u0033\u0064\u0002\u0003\u00e8\u0007\u005b", "203.0.113.9:1000")]
    [InlineData(Signature + "\u0021\u0011\0\u000f\u00cb\0\u0071\u0009\u00c6\u0033\u0064\u0002\u0003\u00e8\u0007\u005bTLV", "203.0.113.9:1000")]
    [InlineData(Signature + "\u0021\u0021\0\u0024aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb\u0003\u00e8\u0007\u005b", "[6161:6161:6161:6161:6161:6161:6161:6161]:1000")]
    [InlineData(Signature + "\u0021\0\0\0", null)] // of no family that is known
    [InlineData(Signature + "\u0020\u0011\0\0", null)] // the load balancer itself
    public void The_client_is_read_however_the_bytes_arrive_and_what_follows_is_left(string header, string? client)
    {
        var bytes = Encoding.Latin1.GetBytes(header + "rest");
        foreach (var arrival in Bytes.InEveryCut(bytes))
        {
            var unread = arrival;
            Assert.True(ProxyHeader.TryRead(ref unread, out var read));
            Assert.Equal(client, read?.ToString());
            Assert.Equal("rest"u8, unread.ToArray());
        }

        for (var length = 0; length < header.Length; length++)
        {
            var part = new ReadOnlySequence<byte>(bytes, 0, length);
            Assert.False(ProxyHeader.TryRead(ref part, out _));
            Assert.Equal(length, part.Length);
        }
    }

    [Theory]
    [InlineData("\u0010\u000c\0\u0004MQTT")]
    [InlineData("PROXY TCP4 203.0.113.7 198.51.100.2 65536 1883\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7\r\n")]
    [InlineData("PROXY TCP4 name 198.51.100.2 1 1883\r\n")]
    [InlineData("PROXY UDP4 203.0.113.7 198.51.100.2 1 1883\r\n")]
    [InlineData("POST / HTTP/1.1\r\n")]
    [InlineData("\r\n\r\nx")]
    [InlineData(Signature + "\u0011\u0011\0\u000c")]
    [InlineData(Signature + "\u0022\u0011\0\u000c")]
    [InlineData(Signature + "\u0021\u0011\u00ff\u00ff")]
    [InlineData(Signature + "\u0021\u0011\0\u0002ab")]
    public void What_is_no_header_is_said_to_be_none(string text)
    {
        var bytes = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(text));

        Assert.Throws<FormatException>(() => ProxyHeader.TryRead(ref bytes, out _));
    }

    [Fact]
    public void A_line_that_does_not_end_is_not_waited_for()
    {
        var bytes = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes("PROXY " + new string('x', 101)));

        Assert.Throws<FormatException>(() => ProxyHeader.TryRead(ref bytes, out _));
    }

    [Fact]
    public void Any_bytes_are_a_header_or_part_of_one_or_none() =>
        Gen.Select(Gen.OneOf(_starts), Gen.Byte.Array[0, 200]).Sample((start, noise) =>
        {
            var bytes = new ReadOnlySequence<byte>([.. Encoding.Latin1.GetBytes(start), .. noise]);
            try
            {
                ProxyHeader.TryRead(ref bytes, out _);
            }
            catch (FormatException)
            {
                // an answer like any other
            }
        }, iter: 20_000);
}
