using System.Buffers.Binary;
using Orleans.Mqtt.Tests.Support.Audit;

namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>
/// A payload that says which message it is and that can be told from a damaged one. Most are small, some are larger than
/// what stores treat as small.
/// </summary>
internal static class LoadPayload
{
    private const int HeaderSize = 8;

    public static byte[] Of(Receipt message)
    {
        var payload = new byte[HeaderSize + FillingOf(message)];
        BinaryPrimitives.WriteInt32BigEndian(payload, message.Stream);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(4), message.Number);
        payload.AsSpan(HeaderSize).Fill(MarkOf(message));
        return payload;
    }

    public static bool TryRead(byte[] payload, out Receipt message)
    {
        message = default;
        if (payload.Length < HeaderSize)
            return false;

        message = new Receipt(
            BinaryPrimitives.ReadInt32BigEndian(payload), BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4)));
        var filling = payload.AsSpan(HeaderSize);
        return filling.Length == FillingOf(message) && !filling.ContainsAnyExcept(MarkOf(message));
    }

    private static byte MarkOf(Receipt message) => (byte)(message.Number + message.Stream);

    private static int FillingOf(Receipt message) => message.Number % 16 == 7 ? 600 + message.Number % 1_400 : message.Number % 90;
}
