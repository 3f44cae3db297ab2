using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Orleans.Mqtt.Protocol.Codec;

/// <summary>What a UTF-8 Encoded String is: well-formed [MQTT-1.5.4-1], without U+0000 [MQTT-1.5.4-2].</summary>
public static class MqttText
{
    public const int MaximumBytes = 65_535;

    // Throws instead of replacing, and leaves a byte order mark alone [MQTT-1.5.4-3].
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsValid(ReadOnlySpan<byte> utf8) => !utf8.Contains((byte)0) && Utf8.IsValid(utf8);

    /// <summary>Whether a string can be sent: at most 65,535 bytes, no U+0000, no lone surrogate.</summary>
    public static bool IsValid(string text)
    {
        if (text.Length > MaximumBytes || text.Contains('\0'))
            return false;

        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
                continue;

            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
                return false;

            at++;
        }

        return Encoding.UTF8.GetByteCount(text) <= MaximumBytes;
    }

    /// <summary>The string of bytes that <see cref="IsValid(ReadOnlySpan{byte})"/> has accepted.</summary>
    public static string Decode(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? "" : Strict.GetString(utf8);
}
