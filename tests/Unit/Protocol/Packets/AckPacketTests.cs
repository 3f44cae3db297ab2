using CsCheck;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

public class AckPacketTests
{
    [Fact]
    public void An_acknowledgement_written_from_its_parts_is_the_one_written_from_a_packet()
    {
        var reasons = Enum.GetValues<ReasonCode>();
        Gen.Select(Gen.Int[4, 7], Gen.UShort[1, ushort.MaxValue], Gen.Int[0, reasons.Length - 1].Select(at => reasons[at]), Gen.Int[3, 5]).Sample(
            (kind, id, reason, level) =>
            {
                var (type, version) = ((PacketType)kind, (ProtocolVersion)level);
                if (!type.Allows(reason))
                    return true;

                Span<byte> bytes = stackalloc byte[AckPacket.LongestLength];
                bytes = bytes[..AckPacket.Write(bytes, version, type, id, reason)];
                var expected = version is ProtocolVersion.V5 ? new AckPacket(type, id, reason) : new AckPacket(type, id);
                return bytes.SequenceEqual(Bytes.Of(expected, version))
                    && AckPacket.Read(Bytes.OnlyFrame(bytes.ToArray(), version), version) == expected;
            });
    }

    [Fact]
    public void The_text_for_a_human_is_found_among_the_properties()
    {
        Assert.Equal("hi", Samples.Ack(PacketType.PubRec).ReasonString);
        Assert.Null(new AckPacket(PacketType.PubRec, 1).ReasonString);
    }

    [Fact]
    public void Every_reason_is_known_to_the_packets_that_the_specification_lists()
    {
        // Table 2-6: the packets behind each reason.
        Assert.Equal("ConnAck PubAck PubRec PubRel PubComp SubAck UnsubAck Disconnect Auth", PacketsWith(ReasonCode.Success));
        Assert.Equal("PubAck PubRec", PacketsWith(ReasonCode.NoMatchingSubscribers));
        Assert.Equal("UnsubAck", PacketsWith(ReasonCode.NoSubscriptionExisted));
        Assert.Equal("ConnAck PubAck PubRec SubAck UnsubAck Disconnect", PacketsWith(ReasonCode.NotAuthorized));
        Assert.Equal("PubRel PubComp", PacketsWith(ReasonCode.PacketIdentifierNotFound));
        Assert.Equal("ConnAck PubAck PubRec Disconnect", PacketsWith(ReasonCode.TopicNameInvalid));
        Assert.Equal("SubAck UnsubAck Disconnect", PacketsWith(ReasonCode.TopicFilterInvalid));
        Assert.Equal("PubAck PubRec SubAck UnsubAck", PacketsWith(ReasonCode.PacketIdentifierInUse));
        Assert.Equal("ConnAck Disconnect", PacketsWith(ReasonCode.PacketTooLarge));
        Assert.Equal("ConnAck PubAck PubRec SubAck Disconnect", PacketsWith(ReasonCode.QuotaExceeded));
        Assert.Equal("ConnAck PubAck PubRec Disconnect", PacketsWith(ReasonCode.PayloadFormatInvalid));
        Assert.Equal("SubAck Disconnect", PacketsWith(ReasonCode.SharedSubscriptionsNotSupported));
        Assert.Equal("ConnAck Disconnect", PacketsWith(ReasonCode.ConnectionRateExceeded));
        Assert.Equal("Disconnect", PacketsWith(ReasonCode.SessionTakenOver));
        Assert.Equal("ConnAck", PacketsWith(ReasonCode.Banned));
        Assert.Equal("Disconnect", PacketsWith(ReasonCode.ServerShuttingDown));
        Assert.Equal("ConnAck Disconnect", PacketsWith(ReasonCode.ServerBusy));
    }

    private static string PacketsWith(ReasonCode reason) =>
        string.Join(' ', Enum.GetValues<PacketType>().Where(type => type.Allows(reason)));
}
