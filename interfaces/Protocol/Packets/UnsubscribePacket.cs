using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>UNSUBSCRIBE, chapter 3.10. It owns its strings.</summary>
public sealed class UnsubscribePacket : IPacket<UnsubscribePacket>, IPropertyBlock
{
    public required ushort PacketId { get; init; }

    /// <summary>At least one [MQTT-3.10.3-2].</summary>
    public required IReadOnlyList<string> Filters { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public byte Header => ((int)PacketType.Unsubscribe << 4) | 0b0010; // [MQTT-3.10.1-1]

    public static UnsubscribePacket Read(in Frame frame, ProtocolVersion version)
    {
        var bytes = new MqttReader(frame);
        var packetId = bytes.ReadPacketId();
        var user = version is ProtocolVersion.V5
            ? UserProperty.ReadAll(bytes.ReadPropertyBlock(), PropertyScope.Unsubscribe)
            : [];

        if (bytes.AtEnd)
            ProtocolException.ThrowProtocolError("An UNSUBSCRIBE without a filter. [MQTT-3.10.3-2]");

        var filters = new List<string>();
        while (!bytes.AtEnd)
        {
            var filter = bytes.ReadUtf8();
            if (!TopicFilter.IsValid(filter))
                ProtocolException.Throw(ReasonCode.TopicFilterInvalid, "A topic filter is not valid. [MQTT-4.7.1-1] [MQTT-4.7.3-1]");

            filters.Add(MqttText.Decode(filter));
        }

        return new UnsubscribePacket { PacketId = packetId, Filters = filters, UserProperties = user };
    }

    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketId);
        if (version is ProtocolVersion.V5)
            PropertyWriter.WriteBlock(ref writer, this);

        for (var at = 0; at < Filters.Count; at++)
            writer.WriteString(Filters[at]);
    }

    void IPropertyBlock.WriteTo(scoped ref MqttWriter writer) => PropertyWriter.Write(ref writer, UserProperties);
}
