using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>SUBSCRIBE, chapter 3.8. It owns its strings.</summary>
public sealed class SubscribePacket : IPacket<SubscribePacket>, IPropertyBlock
{
    public required ushort PacketId { get; init; }

    /// <summary>At least one [MQTT-3.8.3-2].</summary>
    public required IReadOnlyList<SubscriptionRequest> Requests { get; init; }

    /// <summary>0 for none.</summary>
    public int SubscriptionIdentifier { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public byte Header => ((int)PacketType.Subscribe << 4) | 0b0010; // [MQTT-3.8.1-1]

    public static SubscribePacket Read(in Frame frame, ProtocolVersion version)
    {
        var bytes = new MqttReader(frame);
        var packetId = bytes.ReadPacketId();
        var (identifier, userProperties) =
            version is ProtocolVersion.V5 ? ReadProperties(bytes.ReadPropertyBlock()) : default;

        if (bytes.AtEnd)
            ProtocolException.ThrowProtocolError("A SUBSCRIBE without a filter. [MQTT-3.8.3-2]");

        var requests = new List<SubscriptionRequest>();
        while (!bytes.AtEnd)
            requests.Add(SubscriptionRequest.Read(ref bytes, version));

        return new SubscribePacket
        {
            PacketId = packetId,
            Requests = requests,
            SubscriptionIdentifier = identifier,
            UserProperties = userProperties ?? [],
        };
    }

    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketId);
        if (version is ProtocolVersion.V5)
            PropertyWriter.WriteBlock(ref writer, this);

        for (var at = 0; at < Requests.Count; at++)
            Requests[at].WriteTo(ref writer, version);
    }

    void IPropertyBlock.WriteTo(scoped ref MqttWriter writer)
    {
        if (SubscriptionIdentifier != 0)
        {
            writer.WriteByte((byte)PropertyId.SubscriptionIdentifier);
            writer.WriteVarInt(SubscriptionIdentifier);
        }

        PropertyWriter.Write(ref writer, UserProperties);
    }

    private static (int Identifier, List<UserProperty>? UserProperties) ReadProperties(ReadOnlySpan<byte> block)
    {
        var identifier = 0;
        List<UserProperty>? user = null;
        var property = new PropertyReader(block, PropertyScope.Subscribe);
        while (property.MoveNext())
        {
            if (property.Id is PropertyId.SubscriptionIdentifier)
                identifier = (int)property.Number;
            else
                (user ??= []).Add(UserProperty.From(property));
        }

        return (identifier, user);
    }
}
