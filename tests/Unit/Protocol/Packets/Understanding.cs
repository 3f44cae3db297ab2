using System.Buffers;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

/// <summary>Reads whatever a frame is and says it again: both directions of every packet through one gate.</summary>
internal static class Understanding
{
    public static byte[] ReadAndRewrite(in Frame frame, ProtocolVersion version) => frame.Type switch
    {
        PacketType.Connect => Again<ConnectPacket>(frame, version),
        PacketType.ConnAck => Again<ConnAckPacket>(frame, version),
        PacketType.Publish => Bytes.Of(PublishPacket.ReadFromServer(frame, version), version),
        PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp => Again<AckPacket>(frame, version),
        PacketType.Subscribe => Again<SubscribePacket>(frame, version),
        PacketType.SubAck => Again<SubAckPacket>(frame, version),
        PacketType.Unsubscribe => Again<UnsubscribePacket>(frame, version),
        PacketType.UnsubAck => Again<UnsubAckPacket>(frame, version),
        PacketType.PingReq or PacketType.PingResp => Again<PingPacket>(frame, version),
        PacketType.Disconnect => Again<DisconnectPacket>(frame, version),
        _ => Again<AuthPacket>(frame, version),
    };

    /// <summary>The reason for which the packet is refused, or null when it is taken.</summary>
    public static ReasonCode? Verdict(ReadOnlySequence<byte> bytes, ProtocolVersion version)
    {
        try
        {
            if (Frame.TryRead(ref bytes, int.MaxValue, out var frame, version))
                ReadAndRewrite(frame, version);

            return null;
        }
        catch (ProtocolException refused)
        {
            return refused.Reason;
        }
    }

    private static byte[] Again<TPacket>(in Frame frame, ProtocolVersion version)
        where TPacket : IPacket<TPacket> =>
        Bytes.Of(TPacket.Read(frame, version), version);
}
