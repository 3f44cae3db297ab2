using System.Buffers.Binary;
using Field = System.Collections.Generic.KeyValuePair<System.ReadOnlyMemory<byte>, System.ReadOnlyMemory<byte>>;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>Names and values of the fields that the delayed messages of a slice are stored in: one letter, then a key.</summary>
internal static class DelayedFields
{
    /// <summary>A message by its place; its value is the record.</summary>
    public const byte MessagePrefix = (byte)'m';

    /// <summary>A message of QoS 2 that was published, by its identity; its value is the place that it had.</summary>
    public const byte PublishedPrefix = (byte)'i';

    /// <summary>What is being published: the sequence of the first, and the places of all.</summary>
    public const byte OutboxName = (byte)'p';

    public static byte[] Message(long place)
    {
        var name = new byte[1 + sizeof(long)];
        name[0] = MessagePrefix;
        BinaryPrimitives.WriteInt64BigEndian(name.AsSpan(1), place);
        return name;
    }

    public static byte[] Published(DelayedIdentity identity)
    {
        var name = new byte[1 + (2 * sizeof(ulong))];
        name[0] = PublishedPrefix;
        BinaryPrimitives.WriteUInt64BigEndian(name.AsSpan(1), identity.Publisher);
        BinaryPrimitives.WriteUInt64BigEndian(name.AsSpan(1 + sizeof(ulong)), identity.Sequence);
        return name;
    }

    public static DelayedIdentity IdentityOf(ReadOnlySpan<byte> publishedName) => new(
        BinaryPrimitives.ReadUInt64BigEndian(publishedName[1..]),
        BinaryPrimitives.ReadUInt64BigEndian(publishedName[(1 + sizeof(ulong))..]),
        ExactlyOnce: true);

    public static long Place(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64BigEndian(bytes);

    public static byte[] Place(long place)
    {
        var value = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(value, place);
        return value;
    }

    public static Field OutboxOf(ulong firstSequence, IReadOnlyList<long> places)
    {
        var value = new byte[sizeof(ulong) * (1 + places.Count)];
        BinaryPrimitives.WriteUInt64BigEndian(value, firstSequence);
        for (var i = 0; i < places.Count; i++)
            BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(sizeof(ulong) * (1 + i)), places[i]);
        return new(new[] { OutboxName }, value);
    }

    public static (ulong FirstSequence, long[] Places) OutboxIn(ReadOnlySpan<byte> value)
    {
        var places = new long[(value.Length / sizeof(ulong)) - 1];
        for (var i = 0; i < places.Length; i++)
            places[i] = Place(value[(sizeof(ulong) * (1 + i))..]);
        return (BinaryPrimitives.ReadUInt64BigEndian(value), places);
    }
}
