using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>What a publisher says beside the payload, taken apart for applications; the broker itself forwards the bytes.</summary>
public sealed record MessageProperties
{
    public static MessageProperties None { get; } = new();

    /// <summary>True when the payload is announced to be UTF-8.</summary>
    public bool? PayloadFormatIndicator { get; init; }

    public string? ContentType { get; init; }

    /// <summary>A valid topic name.</summary>
    public string? ResponseTopic { get; init; }

    public ReadOnlyMemory<byte>? CorrelationData { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    /// <summary>Reads the block of a PUBLISH; what belongs to a connection is passed over.</summary>
    public static MessageProperties Read(ReadOnlySpan<byte> block)
    {
        var read = None;
        List<UserProperty>? user = null;
        var property = new PropertyReader(block, PropertyScope.Publish);
        while (property.MoveNext())
        {
            if (property.Id is PropertyId.UserProperty)
                (user ??= []).Add(UserProperty.From(property));
            else
                read = read.With(property);
        }

        return user is null ? read : read with { UserProperties = user };
    }

    /// <summary>The block that a PUBLISH carries, without its length.</summary>
    public byte[] ToBlock()
    {
        var counting = MqttWriter.Counting();
        WriteTo(ref counting);
        if (counting.Position == 0)
            return [];

        var block = new byte[counting.Position];
        var writer = new MqttWriter(block);
        WriteTo(ref writer);
        return block;
    }

    private void WriteTo(scoped ref MqttWriter writer)
    {
        PropertyWriter.Write(ref writer, PropertyId.PayloadFormatIndicator, PayloadFormatIndicator);
        PropertyWriter.Write(ref writer, PropertyId.ContentType, ContentType);
        PropertyWriter.Write(ref writer, PropertyId.ResponseTopic, ResponseTopic);
        PropertyWriter.Write(ref writer, PropertyId.CorrelationData, CorrelationData);
        PropertyWriter.Write(ref writer, UserProperties);
    }

    private MessageProperties With(in PropertyReader property) => property.Id switch
    {
        PropertyId.PayloadFormatIndicator => this with { PayloadFormatIndicator = property.IsSet },
        PropertyId.ContentType => this with { ContentType = property.Text },
        PropertyId.ResponseTopic => this with { ResponseTopic = property.Text },
        PropertyId.CorrelationData => this with { CorrelationData = property.Bytes.ToArray() },
        _ => this,
    };
}
