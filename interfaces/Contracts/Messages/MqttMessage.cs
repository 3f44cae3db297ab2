using System.Text;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Messages;

/// <summary>A message as applications have it: taken apart, owned, never changed. Inside the broker it is a record of bytes.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.message")]
public sealed record MqttMessage
{
    /// <summary>Where it was published. Whoever publishes may leave it out: the grain or stream that is given it says where.</summary>
    [Id(0)]
    public string Topic { get; init; } = "";

    [Id(1)]
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>As published; each subscriber gets it with this or what it was granted, whichever is lower.</summary>
    [Id(2)]
    public QoS QoS { get; init; }

    /// <summary>To publish: keep it for later subscribers, too; an empty payload takes the kept one away. Heard: as published.</summary>
    [Id(3)]
    public bool Retain { get; init; }

    /// <summary>Seconds that it is of use; when heard, those that are left. Null for ever.</summary>
    [Id(4)]
    public uint? Expiry { get; init; }

    /// <summary>True when the payload is announced to be UTF-8.</summary>
    [Id(5)]
    public bool? IsText { get; init; }

    [Id(6)]
    public string? ContentType { get; init; }

    /// <summary>Where an answer is awaited: a topic name.</summary>
    [Id(7)]
    public string? ResponseTopic { get; init; }

    /// <summary>What the one who awaits the answer knows it by.</summary>
    [Id(8)]
    public ReadOnlyMemory<byte>? CorrelationData { get; init; }

    /// <summary>User properties, in order; a name may come more than once.</summary>
    [Id(9)]
    public KeyValuePair<string, string>[] UserProperties { get; init; } = [];

    /// <summary>The payload as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>A message of text.</summary>
    public static MqttMessage Of(string text, QoS qos = QoS.AtMostOnce) =>
        new() { Payload = Encoding.UTF8.GetBytes(text), QoS = qos };
}
