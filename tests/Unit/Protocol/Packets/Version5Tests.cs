using System.Buffers;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

public class Version5Tests
{
    private const string Mqtt5 = "0004 4D515454 05";

    [Theory]
    [InlineData("10 0D " + Mqtt5 + " 02", true)]
    [InlineData("1F FFFFFF7F " + Mqtt5, true)]
    [InlineData("10 0D 0004 4D515454 04 02", false)]
    [InlineData("10 0D 0004 4D515454", false)]
    [InlineData("30 0D " + Mqtt5, false)]
    [InlineData("10 FFFFFFFF 7F " + Mqtt5, false)]
    [InlineData("10", false)]
    [InlineData("", false)]
    public void A_CONNECT_of_MQTT_5_is_known_by_its_first_bytes(string bytes, bool isVersion5)
    {
        foreach (var arrival in Bytes.InEveryCut(Bytes.Hex(bytes)))
            Assert.Equal(isVersion5, ConnectPacket.IsVersion5(arrival));
    }

    [Theory, InlineData(10), InlineData(5_000)]
    public void A_PUBLISH_with_properties_for_one_receiver_is_the_same_in_a_pipe_and_in_a_span(int payloadLength)
    {
        var extras = new PublishExtras { MessageExpiryInterval = 9, TopicAlias = 3, SubscriptionIdentifiers = [1, 300] };
        var payload = new byte[payloadLength];
        var span = new byte[PublishWriter.MeasureTotal(ProtocolVersion.V5, 1, QoS.AtLeastOnce, payloadLength, 2, extras)];
        PublishWriter.Write(span, "a"u8, 7, QoS.AtLeastOnce, true, false, payload, [1, 1], extras);

        var pipe = new ArrayBufferWriter<byte>();
        var length = PublishWriter.Write(pipe, "a"u8, 7, QoS.AtLeastOnce, true, false, payload, [1, 1], extras);

        Assert.Equal(span.Length, length);
        Assert.Equal(span, pipe.WrittenSpan.ToArray());
    }

    [Fact]
    public void An_acknowledgement_that_says_why_can_be_read_again()
    {
        var bytes = Bytes.Of(AckPacket.Explained(PacketType.PubRec, 7, ReasonCode.QuotaExceeded, "full"), ProtocolVersion.V5);
        var read = AckPacket.Read(Bytes.OnlyFrame(bytes), ProtocolVersion.V5);
        Assert.Equal((PacketType.PubRec, (ushort)7, ReasonCode.QuotaExceeded, "full"), (read.Type, read.PacketId, read.Reason, read.ReasonString));
    }
}
