using System.Buffers.Binary;
using System.Text;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// Names of the small fields that are stored beside a session's queue: one letter, then the key of the item if there are many.
/// </summary>
internal static class SessionFields
{
    /// <summary>The session as a publisher, u64.</summary>
    public static readonly byte[] Publisher = "k"u8.ToArray();

    /// <summary>The last epoch that was given out, i64.</summary>
    public static readonly byte[] Epoch = "e"u8.ToArray();

    /// <summary>The open connection, <see cref="StoredConnection"/>; absent when the session is away.</summary>
    public static readonly byte[] Connection = "c"u8.ToArray();

    public static readonly byte[] Will = "w"u8.ToArray();

    /// <summary>Seconds that the session outlives its connection, u32.</summary>
    public static readonly byte[] Expiry = "x"u8.ToArray();

    /// <summary>Milliseconds since 1970 when the session ends, i64; present while it is away and may expire.</summary>
    public static readonly byte[] EndsAt = "t"u8.ToArray();

    /// <summary>Milliseconds since 1970 when the will is due, i64; present while the session is away and its will waits.</summary>
    public static readonly byte[] WillAt = "d"u8.ToArray();

    /// <summary>Everything before this position may have been sent, i64.</summary>
    public static readonly byte[] SentBelow = "n"u8.ToArray();

    /// <summary>The user who owns the session, UTF-8.</summary>
    public static readonly byte[] UserName = "u"u8.ToArray();

    /// <summary>The last sequence that a QoS 2 packet of the client was given, u64.</summary>
    public static readonly byte[] LastReceived = "q"u8.ToArray();

    /// <summary>The connection's last request to subscribe or unsubscribe, i64.</summary>
    public static readonly byte[] LastRequest = "l"u8.ToArray();

    public const byte SubscriptionPrefix = (byte)'s';
    public const byte ReceivedPrefix = (byte)'i';
    public const byte ReleasedPrefix = (byte)'r';
    public const byte SeenPrefix = (byte)'p';
    public const byte SharePrefix = (byte)'m';
    public const byte ExclusivePrefix = (byte)'h';

    public static byte[] Subscription(string filter) => [SubscriptionPrefix, .. Encoding.UTF8.GetBytes(filter)];

    /// <summary>A QoS 2 packet of the client that has no PUBREL yet; its value is the sequence.</summary>
    public static byte[] Received(ushort packetId) => [ReceivedPrefix, (byte)(packetId >> 8), (byte)packetId];

    /// <summary>A queued message for which the client has sent PUBREC.</summary>
    public static byte[] Released(long position) => [ReleasedPrefix, .. Number(position)];

    /// <summary>A publisher of QoS 2 messages; its value is the last sequence that was queued.</summary>
    public static byte[] Seen(ulong publisher) => [SeenPrefix, .. Number((long)publisher)];

    /// <summary>A shared subscription that the session is a member of.</summary>
    public static byte[] Share(string filter) => [SharePrefix, .. Encoding.UTF8.GetBytes(filter)];

    /// <summary>A filter that the session alone may hold; empty.</summary>
    public static byte[] Exclusive(string filter) => [ExclusivePrefix, .. Encoding.UTF8.GetBytes(filter)];

    public static byte[] Number(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    public static long Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64BigEndian(bytes);

    public static ushort PacketId(ReadOnlySpan<byte> receivedName) => BinaryPrimitives.ReadUInt16BigEndian(receivedName[1..]);
}
