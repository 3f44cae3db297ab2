namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>Scopes from packet types, and the judgement of a block that nobody here wants to read.</summary>
public static class PropertyScopes
{
    public static PropertyScope Of(PacketType type) => (PropertyScope)(1 << (int)type);

    /// <summary>Throws when the block may not stand in a packet of this scope.</summary>
    public static void Validate(ReadOnlySpan<byte> block, PropertyScope scope)
    {
        var property = new PropertyReader(block, scope);
        while (property.MoveNext())
        {
            // Moving on is the judgement.
        }
    }
}
