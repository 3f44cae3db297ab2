using System.Text;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Messages;

/// <summary>What an application or an operator publishes, or reads; owns its bytes. On the road it is a <see cref="MessageRecord"/>.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.message")]
public sealed record Message
{
    [Id(0)]
    public required string Topic { get; init; }

    [Id(1)]
    public ReadOnlyMemory<byte> Payload { get; init; }

    [Id(2)]
    public QoS QoS { get; init; }

    /// <summary>Keep it as the retained message of its topic; with an empty payload: keep none.</summary>
    [Id(3)]
    public bool Retain { get; init; }

    /// <summary>Seconds after which nobody needs it any more; null: never.</summary>
    [Id(4)]
    public uint? Expiry { get; init; }

    /// <summary>The payload is announced to be UTF-8 text, or not to be.</summary>
    [Id(5)]
    public bool? IsText { get; init; }

    [Id(6)]
    public string? ContentType { get; init; }

    [Id(7)]
    public string? ResponseTopic { get; init; }

    [Id(8)]
    public ReadOnlyMemory<byte>? CorrelationData { get; init; }

    [Id(9)]
    public KeyValuePair<string, string>[] UserProperties { get; init; } = [];

    /// <summary>The payload as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>A message of text.</summary>
    public static Message Of(string topic, string text, QoS qos = QoS.AtMostOnce) =>
        new() { Topic = topic, Payload = Encoding.UTF8.GetBytes(text), QoS = qos };

    /// <summary>Takes a record apart; what is left of its time is counted from <paramref name="now"/>.</summary>
    public static Message From(in MessageRecord record, DateTimeOffset now)
    {
        var properties = MessageProperties.Read(record.Properties);
        return new Message
        {
            Topic = Encoding.UTF8.GetString(record.Topic),
            Payload = record.Payload.ToArray(),
            QoS = record.QoS,
            Retain = record.Has(RecordFlags.Retain | RecordFlags.Retained),
            Expiry = record.Expiry == 0 ? null : MessageExpiry.Left(record.Expiry, now),
            IsText = properties.PayloadFormatIndicator,
            ContentType = properties.ContentType,
            ResponseTopic = properties.ResponseTopic,
            CorrelationData = properties.CorrelationData,
            UserProperties = [.. properties.UserProperties.Select(user => KeyValuePair.Create(user.Name, user.Value))],
        };
    }

    /// <summary>Whether it may be published as it is: Success, or what is wrong with it.</summary>
    public ReasonCode Judge()
    {
        if (!TopicName.IsValid(Topic))
            return ReasonCode.TopicNameInvalid;
        if (QoS is not (QoS.AtMostOnce or QoS.AtLeastOnce or QoS.ExactlyOnce))
            return ReasonCode.QoSNotSupported;
        if (ResponseTopic is not null && !TopicName.IsValid(ResponseTopic))
            return ReasonCode.TopicNameInvalid;
        if (IsText == true && !System.Text.Unicode.Utf8.IsValid(Payload.Span))
            return ReasonCode.PayloadFormatInvalid;

        var isLegal = (ContentType is null || MqttText.IsValid(ContentType))
            && CorrelationData is not { Length: > MqttText.MaximumBytes }
            && UserProperties.All(user => MqttText.IsValid(user.Key) && MqttText.IsValid(user.Value));
        return isLegal ? ReasonCode.Success : ReasonCode.MalformedPacket;
    }

    /// <summary>Adds the message to a block as a record. It must have been judged well.</summary>
    /// <param name="block">What takes the record.</param>
    /// <param name="now">When its time begins.</param>
    /// <param name="publisher">Who says it inside the cluster; with the sequence it tells a repetition from a new message.</param>
    /// <param name="sequence">Its place among what that publisher says; 0: it is never taken for a repetition.</param>
    public void WriteTo(RecordBlock block, DateTimeOffset now, ulong publisher = 0, ulong sequence = 0)
    {
        var topic = Encoding.UTF8.GetBytes(Topic);
        var properties = Properties().ToBlock();
        var record = block.Add(MessageRecord.Measure(topic.Length, Payload.Length, properties.Length));
        var expiry = Expiry is { } seconds ? MessageExpiry.From(seconds, now) : 0;
        MessageRecord.WriteHeader(
            record, MessageRecord.FlagsOf(QoS, Retain), topic.Length, Payload.Length, expiry, publisher, sequence);
        var at = MessageRecord.HeaderSize;
        topic.CopyTo(record[at..]);
        at += topic.Length;
        Payload.Span.CopyTo(record[at..]);
        properties.CopyTo(record[(at + Payload.Length)..]);
    }

    private MessageProperties Properties() => new()
    {
        PayloadFormatIndicator = IsText,
        ContentType = ContentType,
        ResponseTopic = ResponseTopic,
        CorrelationData = CorrelationData,
        UserProperties = [.. UserProperties.Select(user => new UserProperty(user.Key, user.Value))],
    };
}
