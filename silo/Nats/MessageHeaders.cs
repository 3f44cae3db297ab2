using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;
using NATS.Client.Core;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>What headers ask for.</summary>
internal readonly record struct Asked(QoS QoS, bool Retain, uint? Expiry, MessageProperties Properties);

/// <summary>What MQTT says beside topic and payload, as headers of a NATS message, in both directions.</summary>
internal static class MessageHeaders
{
    public const string ClientId = "Mqtt-Client-Id";
    public const string QoSLevel = "Mqtt-QoS";
    public const string Retain = "Mqtt-Retain";
    public const string ContentType = "Mqtt-Content-Type";
    public const string ResponseTopic = "Mqtt-Response-Topic";
    public const string CorrelationData = "Mqtt-Correlation-Data";
    public const string PayloadFormat = "Mqtt-Payload-Format";

    /// <summary>Seconds that were left of the message's life.</summary>
    public const string Expiry = "Mqtt-Message-Expiry";

    /// <summary>Any number of these: name=value.</summary>
    public const string UserProperty = "Mqtt-User-Property";

    /// <summary>The clusters that the message has passed, separated by commas.</summary>
    public const string Origin = "Mqtt-Origin";

    /// <summary>By this a stream, or a reader, tells a message that was sent again from a new one.</summary>
    public const string MessageId = "Nats-Msg-Id";

    private const string Text = "utf-8";

    /// <summary>The headers of a copy, without its identity.</summary>
    public static NatsHeaders Of(in MessageRecord record, string clientId, string origin, DateTimeOffset now)
    {
        var headers = new NatsHeaders
        {
            [QoSLevel] = ((int)record.QoS).ToString(CultureInfo.InvariantCulture),
            [Origin] = origin,
        };
        if (clientId.Length > 0)
            headers[ClientId] = HeaderText.Encode(clientId);
        if (record.Has(RecordFlags.Retain))
            headers[Retain] = "1";
        if (record.Expiry != 0)
            headers[Expiry] = MessageExpiry.Left(record.Expiry, now).ToString(CultureInfo.InvariantCulture);
        if (!record.Properties.IsEmpty)
            Add(headers, MessageProperties.Read(record.Properties));
        return headers;
    }

    /// <summary>Whether a message has passed a cluster before.</summary>
    public static bool HasPassed(NatsHeaders? headers, string cluster) =>
        OriginOf(headers) is { } origin && origin.Split(',', StringSplitOptions.TrimEntries).Contains(cluster);

    /// <summary>The clusters that a message has passed; null for none.</summary>
    public static string? OriginOf(NatsHeaders? headers) =>
        headers is not null && headers.TryGetValue(Origin, out var values) && values.Count > 0
            ? HeaderText.Encode(string.Join(',', values.ToArray())) // goes into our own headers
            : null;

    /// <summary>What headers of a message from NATS ask for.</summary>
    /// <exception cref="ProtocolException">They ask for what MQTT does not have.</exception>
    public static Asked Read(NatsHeaders? headers)
    {
        if (headers is null)
            return new Asked(QoS.AtMostOnce, Retain: false, Expiry: null, MessageProperties.None);

        var qos = ValueOf(headers, QoSLevel) switch
        {
            null or "0" => QoS.AtMostOnce,
            "1" => QoS.AtLeastOnce,
            "2" => QoS.ExactlyOnce,
            _ => throw new ProtocolException(ReasonCode.QoSNotSupported, $"{QoSLevel} is 0, 1 or 2."),
        };
        var retain = ValueOf(headers, Retain)?.ToUpperInvariant() switch
        {
            null or "0" or "FALSE" => false,
            "1" or "TRUE" => true,
            _ => throw new ProtocolException(ReasonCode.MalformedPacket, $"{Retain} is 0 or 1."),
        };
        return new Asked(qos, retain, SecondsOf(headers, Expiry), PropertiesOf(headers));
    }

    private static void Add(NatsHeaders headers, MessageProperties properties)
    {
        if (properties.ContentType is { } type)
            headers[ContentType] = HeaderText.Encode(type);
        if (properties.ResponseTopic is { } topic)
            headers[ResponseTopic] = HeaderText.Encode(topic);
        if (properties.CorrelationData is { } data)
            headers[CorrelationData] = Convert.ToBase64String(data.Span);
        if (properties.PayloadFormatIndicator is true)
            headers[PayloadFormat] = Text;
        if (properties.UserProperties is { Count: > 0 } pairs)
            headers[UserProperty] = new StringValues([.. pairs.Select(pair => HeaderText.EncodePair(pair.Name, pair.Value))]);
    }

    private static MessageProperties PropertiesOf(NatsHeaders headers)
    {
        var response = TextOf(headers, ResponseTopic);
        if (response is not null && !TopicName.IsValid(response))
            throw new ProtocolException(ReasonCode.TopicNameInvalid, $"{ResponseTopic} is no topic name.");

        return new MessageProperties
        {
            ContentType = TextOf(headers, ContentType),
            ResponseTopic = response,
            CorrelationData = BytesOf(headers, CorrelationData),
            PayloadFormatIndicator = ValueOf(headers, PayloadFormat) is Text ? true : null,
            UserProperties = headers.TryGetValue(UserProperty, out var pairs)
                ? [.. pairs.OfType<string>().Select(HeaderText.DecodePair).Select(pair => new UserProperty(Valid(pair.Name), Valid(pair.Value)))]
                : [],
        };
    }

    private static string? ValueOf(NatsHeaders headers, string name) =>
        headers.TryGetLastValue(name, out var value) ? value : null;

    private static string? TextOf(NatsHeaders headers, string name) =>
        ValueOf(headers, name) is { } value ? Valid(HeaderText.Decode(value)) : null;

    private static string Valid(string text) => MqttText.IsValid(text)
        ? text
        : throw new ProtocolException(ReasonCode.MalformedPacket, "A header is no MQTT text.");

    private static uint? SecondsOf(NatsHeaders headers, string name)
    {
        if (ValueOf(headers, name) is not { } value)
            return null;

        return uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : throw new ProtocolException(ReasonCode.MalformedPacket, $"{name} is not a number of seconds.");
    }

    private static ReadOnlyMemory<byte>? BytesOf(NatsHeaders headers, string name)
    {
        if (ValueOf(headers, name) is not { } value)
            return null;

        var bytes = new byte[Encoding.UTF8.GetByteCount(value)];
        return Convert.TryFromBase64String(value, bytes, out var length) && length <= ushort.MaxValue
            ? bytes.AsMemory(0, length)
            : throw new ProtocolException(ReasonCode.MalformedPacket, $"{name} is not base64 of up to 65,535 bytes.");
    }
}
