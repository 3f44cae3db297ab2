using System.Text;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>
/// Writes the primitives of the wire, and lets a test write wrong ones too: it shares no code with the product.
/// </summary>
public sealed class ByteBuilder
{
    private readonly List<byte> _bytes = [];

    public ByteBuilder Byte(int value)
    {
        _bytes.Add((byte)value);
        return this;
    }

    /// <summary>Two bytes, the higher first.</summary>
    public ByteBuilder Short(int value) => Byte(value >> 8).Byte(value);

    public ByteBuilder Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Bytes behind their length in two bytes.</summary>
    public ByteBuilder Binary(ReadOnlySpan<byte> bytes) => Short(bytes.Length).Raw(bytes);

    public ByteBuilder Text(string text) => Binary(Encoding.UTF8.GetBytes(text));

    /// <summary>Seven bits a byte, the lowest first; the top bit says that more follow.</summary>
    public ByteBuilder Length(int value)
    {
        for (; value > 127; value >>= 7)
            Byte((value & 0x7F) | 0x80);
        return Byte(value);
    }

    /// <summary>Properties behind their length.</summary>
    public ByteBuilder Block(Props properties) => Length(properties.ToArray().Length).Raw(properties.ToArray());

    public byte[] ToArray() => [.. _bytes];
}
