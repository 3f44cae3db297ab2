using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>A name and a value that mean something to the applications only.</summary>
public readonly record struct UserProperty(string Name, string Value)
{
    internal static UserProperty From(in PropertyReader property) => new(MqttText.Decode(property.Name), property.Text);

    /// <summary>Reads a block that may hold nothing else.</summary>
    internal static IReadOnlyList<UserProperty> ReadAll(ReadOnlySpan<byte> block, PropertyScope scope)
    {
        if (block.IsEmpty)
            return [];

        var user = new List<UserProperty>();
        var property = new PropertyReader(block, scope);
        while (property.MoveNext())
            user.Add(From(property));

        return user;
    }
}
