using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>The properties of an MQTT 5 PUBLISH that differ from receiver to receiver; they stand before the shared ones.</summary>
public readonly ref struct PublishExtras
{
    /// <summary>What is left of the message's life, in seconds [MQTT-3.3.2-6].</summary>
    public uint? MessageExpiryInterval { get; init; }

    /// <summary>0 for none.</summary>
    public ushort TopicAlias { get; init; }

    /// <summary>Of the receiver's subscriptions that matched [MQTT-3.3.4-3].</summary>
    public ReadOnlySpan<int> SubscriptionIdentifiers { get; init; }

    internal int Measure()
    {
        var length = (MessageExpiryInterval is null ? 0 : 1 + sizeof(uint)) + (TopicAlias == 0 ? 0 : 1 + sizeof(ushort));
        foreach (var identifier in SubscriptionIdentifiers)
            length += 1 + VarInt.Measure(identifier);

        return length;
    }

    internal void WriteTo(scoped ref MqttWriter writer)
    {
        if (MessageExpiryInterval is { } seconds)
        {
            writer.WriteByte((byte)PropertyId.MessageExpiryInterval);
            writer.WriteUInt32(seconds);
        }

        if (TopicAlias != 0)
        {
            writer.WriteByte((byte)PropertyId.TopicAlias);
            writer.WriteUInt16(TopicAlias);
        }

        foreach (var identifier in SubscriptionIdentifiers)
        {
            writer.WriteByte((byte)PropertyId.SubscriptionIdentifier);
            writer.WriteVarInt(identifier);
        }
    }
}
