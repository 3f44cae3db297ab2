using System.Text.Unicode;
using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>What may be published to: a string of 1 to 65,535 bytes [MQTT-4.7.3-1] without wildcards [MQTT-3.3.2-2].</summary>
public static class TopicName
{
    public static bool IsValid(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= MqttText.MaximumBytes
        && utf8.IndexOfAny((byte)0, (byte)'+', (byte)'#') < 0
        && Utf8.IsValid(utf8);

    public static bool IsValid(string topic) =>
        topic.Length > 0 && topic.AsSpan().IndexOfAny('+', '#') < 0 && MqttText.IsValid(topic);
}
