using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json.Serialization;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Silo.Management.Views;

/// <summary>How a payload stands in JSON.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PayloadEncoding>))]
internal enum PayloadEncoding
{
    /// <summary>As text, which is UTF-8 on the wire.</summary>
    [JsonStringEnumMemberName("text")]
    Text,

    [JsonStringEnumMemberName("base64")]
    Base64,
}

/// <summary>A message to publish.</summary>
internal sealed record PublishBody
{
    public required string Topic { get; init; }

    public string Payload { get; init; } = "";

    public PayloadEncoding PayloadEncoding { get; init; }

    /// <summary>0, 1 or 2.</summary>
    [Range(0, 2)]
    public int Qos { get; init; }

    /// <summary>Keep it as the retained message of its topic; with an empty payload: keep none.</summary>
    public bool Retain { get; init; }

    public PropertiesView? Properties { get; init; }

    /// <exception cref="BadHttpRequestException">It cannot be published.</exception>
    public Message ToMessage(int maximumPayload)
    {
        var message = new Message
        {
            Topic = Topic,
            Payload = PayloadEncoding is PayloadEncoding.Text
                ? Encoding.UTF8.GetBytes(Payload)
                : PropertiesView.Decode("payload", Payload),
            QoS = Qos is >= 0 and <= 2 ? (QoS)Qos : throw new BadHttpRequestException("qos: 0, 1 or 2."),
            Retain = Retain,
        };
        if (message.Payload.Length > maximumPayload)
        {
            throw new BadHttpRequestException(
                $"payload: more than {maximumPayload} bytes.", StatusCodes.Status413PayloadTooLarge);
        }

        return Properties?.AddTo(message) ?? message;
    }
}

/// <summary>The properties of MQTT 5 that travel with a message.</summary>
internal sealed record PropertiesView
{
    /// <summary>In seconds.</summary>
    public uint? MessageExpiryInterval { get; init; }

    /// <summary>1: the payload is UTF-8 text.</summary>
    [Range(0, 1)]
    public int? PayloadFormatIndicator { get; init; }

    public string? ContentType { get; init; }

    public string? ResponseTopic { get; init; }

    /// <summary>In base64.</summary>
    public string? CorrelationData { get; init; }

    public IReadOnlyList<UserPropertyView>? UserProperties { get; init; }

    public static PropertiesView? Of(Message message)
    {
        var view = new PropertiesView
        {
            MessageExpiryInterval = message.Expiry,
            PayloadFormatIndicator = message.IsText is { } isText ? isText ? 1 : 0 : null,
            ContentType = message.ContentType,
            ResponseTopic = message.ResponseTopic,
            CorrelationData = message.CorrelationData is { } data ? Convert.ToBase64String(data.Span) : null,
            UserProperties = message.UserProperties.Length == 0
                ? null
                : [.. message.UserProperties.Select(user => new UserPropertyView(user.Key, user.Value))],
        };
        return view == new PropertiesView() ? null : view;
    }

    public Message AddTo(Message message) => message with
    {
        Expiry = MessageExpiryInterval,
        IsText = PayloadFormatIndicator switch
        {
            null => null,
            0 => false,
            1 => true,
            _ => throw new BadHttpRequestException("payloadFormatIndicator: 0 or 1."),
        },
        ContentType = ContentType,
        ResponseTopic = ResponseTopic,
        CorrelationData = CorrelationData is null
            ? default(ReadOnlyMemory<byte>?) // a null array would become an empty one
            : Decode("correlationData", CorrelationData),
        UserProperties = [.. (UserProperties ?? []).Select(user => KeyValuePair.Create(user.Name, user.Value))],
    };

    public static byte[] Decode(string name, string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length)
            ? bytes[..length]
            : throw new BadHttpRequestException($"{name}: not base64.");
    }
}

/// <summary>A name and a value that mean something to the applications only.</summary>
internal sealed record UserPropertyView(string Name, string Value);

/// <summary>The answer to a message that was taken: the code of a PUBACK and its name.</summary>
/// <param name="Code">0, or 16 when nobody is subscribed.</param>
/// <param name="Verdict">Success or NoMatchingSubscribers.</param>
internal sealed record VerdictView(int Code, string Verdict);

/// <summary>A retained message in a list.</summary>
internal sealed record RetainedView(string Topic, int Qos, int PayloadBytes)
{
    public static RetainedView Of(RetainedSummary message) =>
        new(message.Topic, (int)message.QoS, message.PayloadLength);
}

/// <summary>A retained message. The payload is text where it is UTF-8, else base64.</summary>
internal sealed record RetainedMessageView(
    string Topic, int Qos, string Payload, PayloadEncoding PayloadEncoding, PropertiesView? Properties)
{
    public static RetainedMessageView Of(Message message)
    {
        var isText = System.Text.Unicode.Utf8.IsValid(message.Payload.Span);
        return new RetainedMessageView(
            message.Topic, (int)message.QoS,
            isText ? Encoding.UTF8.GetString(message.Payload.Span) : Convert.ToBase64String(message.Payload.Span),
            isText ? PayloadEncoding.Text : PayloadEncoding.Base64, PropertiesView.Of(message));
    }
}
