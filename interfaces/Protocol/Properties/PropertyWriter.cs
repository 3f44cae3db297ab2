using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>Writes single properties; what is null stays unsaid.</summary>
internal static class PropertyWriter
{
    /// <summary>A block with its length in front; the block is counted first, so no length is ever patched.</summary>
    public static void WriteBlock<TProperties>(scoped ref MqttWriter writer, TProperties properties)
        where TProperties : IPropertyBlock
    {
        var counting = MqttWriter.Counting();
        properties.WriteTo(ref counting);
        writer.WriteVarInt(counting.Position);
        properties.WriteTo(ref writer);
    }

    public static void Write(scoped ref MqttWriter writer, PropertyId id, bool? value)
    {
        if (value is null)
            return;

        writer.WriteByte((byte)id);
        writer.WriteByte(value.Value ? (byte)1 : (byte)0);
    }

    public static void Write(scoped ref MqttWriter writer, PropertyId id, ushort? value)
    {
        if (value is null)
            return;

        writer.WriteByte((byte)id);
        writer.WriteUInt16(value.Value);
    }

    public static void Write(scoped ref MqttWriter writer, PropertyId id, uint? value)
    {
        if (value is null)
            return;

        writer.WriteByte((byte)id);
        writer.WriteUInt32(value.Value);
    }

    public static void Write(scoped ref MqttWriter writer, PropertyId id, string? value)
    {
        if (value is null)
            return;

        writer.WriteByte((byte)id);
        writer.WriteString(value);
    }

    public static void Write(scoped ref MqttWriter writer, PropertyId id, ReadOnlyMemory<byte>? value)
    {
        if (value is null)
            return;

        writer.WriteByte((byte)id);
        writer.WriteBinary(value.Value.Span);
    }

    public static void Write(scoped ref MqttWriter writer, IReadOnlyList<UserProperty> userProperties)
    {
        for (var at = 0; at < userProperties.Count; at++)
        {
            writer.WriteByte((byte)PropertyId.UserProperty);
            writer.WriteString(userProperties[at].Name);
            writer.WriteString(userProperties[at].Value);
        }
    }
}
