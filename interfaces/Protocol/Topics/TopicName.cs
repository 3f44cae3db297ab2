using System.Buffers;
using System.Text.Unicode;
using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>What may be published to: a string of 1 to 65,535 bytes [MQTT-4.7.3-1] without wildcards [MQTT-3.3.2-2].</summary>
public static class TopicName
{
    // Most topics are plain ASCII, and these one pass can judge; it runs for every PUBLISH.
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(1, 127).Select(ascii => (byte)ascii).Where(ascii => ascii is not (byte)'+' and not (byte)'#')]);

    public static bool IsValid(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= MqttText.MaximumBytes && (!utf8.ContainsAnyExcept(Plain) || IsValidBeyondAscii(utf8));

    public static bool IsValid(string topic) =>
        topic.Length > 0 && topic.AsSpan().IndexOfAny('+', '#') < 0 && MqttText.IsValid(topic);

    private static bool IsValidBeyondAscii(ReadOnlySpan<byte> utf8) =>
        utf8.IndexOfAny((byte)0, (byte)'+', (byte)'#') < 0 && Utf8.IsValid(utf8);
}
