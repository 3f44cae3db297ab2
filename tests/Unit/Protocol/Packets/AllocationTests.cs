using System.Buffers;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

public class AllocationTests
{
    [Theory]
    [InlineData(ProtocolVersion.V311)]
    [InlineData(ProtocolVersion.V5)]
    public void A_PUBLISH_and_its_acknowledgement_are_read_and_written_without_an_allocation(ProtocolVersion version)
    {
        byte[] stream =
        [
            .. Bytes.Of(Samples.Publish(QoS.AtLeastOnce, version), version),
            .. Bytes.Of(new AckPacket(PacketType.PubAck, 300), version),
            .. Bytes.Of(Samples.Publish(QoS.AtMostOnce, version), version),
        ];
        var arrival = new ReadOnlySequence<byte>(stream);
        var output = new byte[1000];
        Forward(arrival, output, version);

        var written = 0;
        var allocated = Allocations.LeastOf(() =>
        {
            written = 0;
            for (var round = 0; round < 100; round++)
                written += Forward(arrival, output, version);
        });

        Assert.Equal(0, allocated);
        Assert.Equal(100 * (stream.Length + 2 * AckPacket.ShortestLength), written + 100 * AckPacket.ShortestLength);
    }

    /// <summary>What a gateway does with each packet: read it, write it to a subscriber, acknowledge it.</summary>
    private static int Forward(ReadOnlySequence<byte> unread, Span<byte> output, ProtocolVersion version)
    {
        var written = 0;
        while (Frame.TryRead(ref unread, 1000, out var frame, version))
        {
            if (frame.Type is PacketType.PubAck)
            {
                written += PacketWriter.Write(output, AckPacket.Read(frame, version), version);
                continue;
            }

            var packet = PublishPacket.Read(frame, version);
            packet.TryGetPayloadSpan(out var payload);
            written += PublishWriter.Write(
                output, version, packet.Topic, packet.PacketId, packet.QoS, packet.Retain, packet.Dup, payload, packet.Properties);
            if (packet.QoS is QoS.AtLeastOnce)
                written += AckPacket.Write(output, version, PacketType.PubAck, packet.PacketId);
        }

        return written;
    }
}
