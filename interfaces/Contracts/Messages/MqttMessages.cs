using System.Text;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Messages;

/// <summary>Messages of applications to records, and back.</summary>
public static class MqttMessages
{
    /// <summary>Copies a record out of the bytes that it lies in.</summary>
    public static MqttMessage Read(in MessageRecord record, DateTimeOffset now)
    {
        var properties = record.Properties.IsEmpty ? MessageProperties.None : MessageProperties.Read(record.Properties);
        return new MqttMessage
        {
            Topic = Encoding.UTF8.GetString(record.Topic),
            Payload = record.Payload.ToArray(),
            QoS = record.QoS,
            Retain = record.Has(RecordFlags.Retain),
            Expiry = record.Expiry == 0 ? null : MessageExpiry.Left(record.Expiry, now),
            IsText = properties.PayloadFormatIndicator,
            ContentType = properties.ContentType,
            ResponseTopic = properties.ResponseTopic,
            CorrelationData = properties.CorrelationData,
            UserProperties = [.. properties.UserProperties.Select(user => KeyValuePair.Create(user.Name, user.Value))],
        };
    }

    /// <summary>Adds the message to a block, as one that is published to the topic.</summary>
    /// <exception cref="ArgumentException">It has something that no PUBLISH can carry.</exception>
    public static void Add(
        this RecordBlock block, string topic, MqttMessage message, ulong publisher, ulong sequence, DateTimeOffset now)
    {
        Demand(message);
        var flags = (RecordFlags)message.QoS;
        if (message.Retain)
            flags |= RecordFlags.Retain;
        if (message.QoS is QoS.ExactlyOnce)
            flags |= RecordFlags.ExactlyOnce;

        var properties = PropertiesOf(message).ToBlock();
        var topicLength = Encoding.UTF8.GetByteCount(topic);
        var record = block.Add(MessageRecord.Measure(topicLength, message.Payload.Length, properties.Length));
        MessageRecord.WriteHeader(
            record, flags, topicLength, message.Payload.Length,
            message.Expiry is { } seconds ? MessageExpiry.From(seconds, now) : 0,
            publisher, message.QoS is QoS.AtMostOnce ? 0 : sequence);
        var rest = record[MessageRecord.HeaderSize..];
        Encoding.UTF8.GetBytes(topic, rest);
        message.Payload.Span.CopyTo(rest[topicLength..]);
        properties.CopyTo(rest[(topicLength + message.Payload.Length)..]);
    }

    /// <exception cref="ArgumentException">It has something that no PUBLISH can carry.</exception>
    public static void Demand(MqttMessage message)
    {
        Demand(message.QoS <= QoS.ExactlyOnce, nameof(message.QoS));
        Demand(message.ContentType is null || MqttText.IsValid(message.ContentType), nameof(message.ContentType));
        Demand(message.ResponseTopic is null || TopicName.IsValid(message.ResponseTopic), nameof(message.ResponseTopic));
        Demand(message.CorrelationData is not { Length: > MqttText.MaximumBytes }, nameof(message.CorrelationData));
        Demand(
            Array.TrueForAll(message.UserProperties, user => MqttText.IsValid(user.Key) && MqttText.IsValid(user.Value)),
            nameof(message.UserProperties));
    }

    private static void Demand(bool isValid, string what)
    {
        if (!isValid)
            throw new ArgumentException($"A message's {what} is not what MQTT allows.");
    }

    private static MessageProperties PropertiesOf(MqttMessage message) => new()
    {
        PayloadFormatIndicator = message.IsText,
        ContentType = message.ContentType,
        ResponseTopic = message.ResponseTopic,
        CorrelationData = message.CorrelationData,
        UserProperties = [.. message.UserProperties.Select(user => new UserProperty(user.Key, user.Value))],
    };
}
