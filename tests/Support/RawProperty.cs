using System.Buffers.Binary;
using System.Text;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>One property as it came off the wire: its identifier and the bytes of its value.</summary>
public sealed record RawProperty(int Id, byte[] Value)
{
    public long Number => RawProperty.ShapeOf(Id) switch
    {
        1 => Value[0],
        2 => BinaryPrimitives.ReadUInt16BigEndian(Value),
        4 => BinaryPrimitives.ReadUInt32BigEndian(Value),
        'v' => Value.Select((part, at) => (part & 0x7F) << (7 * at)).Sum(),
        _ => throw new InvalidOperationException($"property {Id:x2} is no number"),
    };

    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Of a string or of binary data.</summary>
    public byte[] Bytes => Value[2..];

    public (string Name, string Value) Pair
    {
        get
        {
            var name = BinaryPrimitives.ReadUInt16BigEndian(Value);
            return (Encoding.UTF8.GetString(Value, 2, name), Encoding.UTF8.GetString(Value, name + 4, Value.Length - name - 4));
        }
    }

    /// <summary>Takes a block with its length in front off the bytes.</summary>
    public static IReadOnlyList<RawProperty> Take(ref ReadOnlySpan<byte> bytes)
    {
        var length = LengthOfVarInt(bytes);
        var total = bytes[..length].ToArray().Select((part, at) => (part & 0x7F) << (7 * at)).Sum();
        var block = bytes.Slice(length, total);
        bytes = bytes[(length + total)..];
        var properties = new List<RawProperty>();
        while (!block.IsEmpty)
        {
            var size = SizeOf(block[0], block[1..]);
            properties.Add(new RawProperty(block[0], block.Slice(1, size).ToArray()));
            block = block[(1 + size)..];
        }

        return properties;
    }

    /// <summary>1, 2 or 4 bytes, or 'v'ariable number, 't'ext or binary, 'p'air.</summary>
    internal static int ShapeOf(int id) => id switch
    {
        0x01 or 0x17 or 0x19 or 0x24 or 0x25 or 0x28 or 0x29 or 0x2A => 1,
        0x13 or 0x21 or 0x22 or 0x23 => 2,
        0x02 or 0x11 or 0x18 or 0x27 => 4,
        0x0B => 'v',
        0x26 => 'p',
        0x03 or 0x08 or 0x09 or 0x12 or 0x15 or 0x16 or 0x1A or 0x1C or 0x1F => 't',
        _ => throw new InvalidDataException($"property {id:x2} is unknown"),
    };

    private static int SizeOf(int id, ReadOnlySpan<byte> rest) => ShapeOf(id) switch
    {
        'v' => LengthOfVarInt(rest),
        't' => 2 + BinaryPrimitives.ReadUInt16BigEndian(rest),
        'p' => 2 + BinaryPrimitives.ReadUInt16BigEndian(rest) is var first
            ? first + 2 + BinaryPrimitives.ReadUInt16BigEndian(rest[first..])
            : 0,
        var size => size,
    };

    private static int LengthOfVarInt(ReadOnlySpan<byte> bytes)
    {
        var length = 1;
        while (bytes[length - 1] >= 128)
            length++;
        return length;
    }
}

/// <summary>Looks properties up, in what a broker has said.</summary>
public static class RawPropertiesExtensions
{
    public static RawProperty? Find(this IEnumerable<RawProperty> properties, int id) =>
        properties.SingleOrDefault(property => property.Id == id);

    public static bool Has(this IEnumerable<RawProperty> properties, int id) => properties.Any(property => property.Id == id);

    /// <summary>All numbers of one identifier, lowest first.</summary>
    public static long[] Numbers(this IEnumerable<RawProperty> properties, int id) =>
        [.. properties.Where(property => property.Id == id).Select(property => property.Number).Order()];

    public static IEnumerable<(string Name, string Value)> User(this IEnumerable<RawProperty> properties) =>
        properties.Where(property => property.Id == Prop.User).Select(property => property.Pair);
}
