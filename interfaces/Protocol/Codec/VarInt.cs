using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Protocol.Codec;

/// <summary>The Variable Byte Integer: seven bits a byte, at most four bytes, chapter 1.5.5.</summary>
public static class VarInt
{
    public const int Maximum = 268_435_455;
    public const int MaximumBytes = 4;

    /// <summary>How many bytes a value from 0 to <see cref="Maximum"/> takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Measure(int value) => value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;

    /// <summary>Writes the shortest form [MQTT-1.5.5-1] and says how many bytes it took.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> destination, int value)
    {
        var at = 0;
        while (value >= 128)
        {
            destination[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[at++] = (byte)value;
        return at;
    }

    /// <summary>False when more bytes must come; a fifth byte is a violation, not a wait.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> source, out int value, out int bytes)
    {
        if (source.Length > 0 && source[0] < 128)
        {
            value = source[0];
            bytes = 1;
            return true;
        }

        return TryReadLong(source, out value, out bytes);
    }

    private static bool TryReadLong(ReadOnlySpan<byte> source, out int value, out int bytes)
    {
        value = 0;
        bytes = 0;
        while (bytes < source.Length)
        {
            var next = source[bytes];
            value |= (next & 0x7F) << (7 * bytes);
            bytes++;
            if (next < 128)
                return true;

            if (bytes == MaximumBytes)
                ProtocolException.ThrowMalformed("A Variable Byte Integer of more than four bytes.");
        }

        return false;
    }
}
