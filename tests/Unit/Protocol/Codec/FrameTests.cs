using System.Buffers;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Codec;

public class FrameTests
{
    [Fact]
    public void A_frame_is_cut_off_wherever_the_bytes_are_split_and_the_rest_stays()
    {
        foreach (var arrival in Bytes.InEveryCut(Bytes.Hex("40 02 12 34 C0 00")))
        {
            var unread = arrival;
            Assert.True(Frame.TryRead(ref unread, 100, out var frame));
            Assert.Equal(PacketType.PubAck, frame.Type);
            Assert.Equal(Bytes.Hex("12 34"), frame.Body.ToArray());

            Assert.True(Frame.TryRead(ref unread, 100, out frame));
            Assert.Equal(PacketType.PingReq, frame.Type);
            Assert.Equal(0, frame.Body.Length);

            Assert.True(unread.IsEmpty);
            Assert.False(Frame.TryRead(ref unread, 100, out _));
        }
    }

    [Fact]
    public void Any_beginning_of_a_frame_waits_and_takes_nothing()
    {
        byte[] whole = [0x30, 0xC8, 0x01, .. new byte[200]];
        for (var length = 0; length < whole.Length; length++)
        {
            foreach (var arrival in new[] { new ReadOnlySequence<byte>(whole, 0, length), OneByOne(whole[..length]) })
            {
                var unread = arrival;
                Assert.False(Frame.TryRead(ref unread, 1000, out _));
                Assert.Equal(length, unread.Length);
            }
        }
    }

    [Fact]
    public void An_announced_size_is_judged_before_the_bytes_arrive()
    {
        foreach (var arrival in Bytes.InEveryCut(Bytes.Hex("30 64")))
        {
            var unread = arrival;
            Assert.False(Frame.TryRead(ref unread, maximumPacketSize: 102, out _));
            Assert.Equal(ReasonCode.PacketTooLarge, Refused(arrival, maximumPacketSize: 101));
        }
    }

    [Fact]
    public void A_remaining_length_of_more_than_four_bytes_is_malformed()
    {
        foreach (var arrival in Bytes.InEveryCut(Bytes.Hex("30 FF FF FF FF 01")))
            Assert.Equal(ReasonCode.MalformedPacket, Refused(arrival));
    }

    [Fact]
    public void A_padded_remaining_length_is_malformed_in_MQTT_5_only()
    {
        var padded = new ReadOnlySequence<byte>(Bytes.Hex("C0 80 00"));

        Assert.Equal(ReasonCode.MalformedPacket, Refused(padded, version: ProtocolVersion.V5));
        Assert.True(Frame.TryRead(ref padded, 100, out _));
    }

    [Theory]
    [InlineData(ProtocolVersion.V311)]
    [InlineData(ProtocolVersion.V5)]
    public void Flags_are_legal_exactly_where_table_2_2_says_so_MQTT_2_2_2_2(ProtocolVersion version)
    {
        for (var header = 0; header < 256; header++)
        {
            var flags = header & 0x0F;
            var isLegal = (PacketType)(header >> 4) switch
            {
                PacketType.None => false,
                PacketType.Publish => (flags & 0b0110) != 0b0110 && (flags & 0b1110) != 0b1000,
                PacketType.PubRel or PacketType.Subscribe or PacketType.Unsubscribe => flags == 0b0010,
                _ => flags == 0,
            };

            Assert.Equal(isLegal, IsTaken((byte)header, version));
        }
    }

    [Fact]
    public void An_illegal_first_byte_is_refused_before_the_second_arrives()
    {
        Assert.Equal(ReasonCode.MalformedPacket, Refused(new ReadOnlySequence<byte>(Bytes.Hex("00"))));
        Assert.Equal(ReasonCode.MalformedPacket, Refused(new ReadOnlySequence<byte>(Bytes.Hex("36"))));
    }

    [Theory]
    [InlineData(0x6A)] // PUBREL again
    [InlineData(0x8A)] // SUBSCRIBE again
    [InlineData(0xAA)] // UNSUBSCRIBE again
    [InlineData(0x38)] // PUBLISH with DUP and QoS 0
    public void MQTT_3_1_may_set_DUP_where_its_successors_may_not(byte header)
    {
        Assert.True(IsTaken(header, ProtocolVersion.V31));
        Assert.False(IsTaken(header, ProtocolVersion.V311));
    }

    [Theory]
    [InlineData(0x06)] // type 0
    [InlineData(0x36)] // PUBLISH with QoS 3
    [InlineData(0xF2)] // AUTH, whose flags no version has
    public void MQTT_3_1_is_not_lenient_with_what_it_does_not_know(byte header) =>
        Assert.False(IsTaken(header, ProtocolVersion.V31));

    private static ReadOnlySequence<byte> OneByOne(byte[] bytes) =>
        bytes.Length == 0 ? default : Bytes.InPieces([.. bytes.Select(one => new[] { one })]);

    private static bool IsTaken(byte header, ProtocolVersion version)
    {
        var unread = new ReadOnlySequence<byte>([header, 0]);
        try
        {
            return Frame.TryRead(ref unread, 100, out _, version);
        }
        catch (ProtocolException refused)
        {
            Assert.Equal(ReasonCode.MalformedPacket, refused.Reason);
            return false;
        }
    }

    private static ReasonCode Refused(
        ReadOnlySequence<byte> arrival,
        int maximumPacketSize = int.MaxValue,
        ProtocolVersion version = ProtocolVersion.V311) =>
        Assert.Throws<ProtocolException>(() => Frame.TryRead(ref arrival, maximumPacketSize, out _, version)).Reason;
}
