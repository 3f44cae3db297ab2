using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>The properties of SUBACK and UNSUBACK: a text for a human, and what applications agreed on.</summary>
internal readonly record struct AnswerProperties(string? ReasonString, IReadOnlyList<UserProperty> UserProperties)
    : IPropertyBlock
{
    public static AnswerProperties None => new(null, []);

    public static AnswerProperties Read(ReadOnlySpan<byte> block, PropertyScope scope)
    {
        string? text = null;
        List<UserProperty>? user = null;
        var property = new PropertyReader(block, scope);
        while (property.MoveNext())
        {
            if (property.Id is PropertyId.ReasonString)
                text = property.Text;
            else
                (user ??= []).Add(UserProperty.From(property));
        }

        return new AnswerProperties(text, user ?? []);
    }

    public void WriteTo(scoped ref MqttWriter writer)
    {
        PropertyWriter.Write(ref writer, PropertyId.ReasonString, ReasonString);
        PropertyWriter.Write(ref writer, UserProperties);
    }
}
