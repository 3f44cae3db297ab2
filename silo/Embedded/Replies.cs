using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Answers in RESP 2, gathered until they may leave.</summary>
internal sealed class Replies
{
    private const int KeptBytes = 1024 * 1024;
    private byte[] _buffer = new byte[4_096];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    /// <summary>Empties it. Room that one large answer took is given back.</summary>
    public void Clear()
    {
        Length = 0;
        if (_buffer.Length > KeptBytes)
            _buffer = new byte[4_096];
    }

    /// <summary>Takes back what was written after <paramref name="length"/>.</summary>
    public void Truncate(int length) => Length = length;

    public void Status(ReadOnlySpan<byte> text) => Line((byte)'+', text);

    public void Ok() => Status("OK"u8);

    // A line break would end the reply early and turn the rest into replies of its own.
    public void Error(string text) => Line(
        (byte)'-', Encoding.UTF8.GetBytes(text.Replace('\r', ' ').Replace('\n', ' ')));

    public void Integer(long value) => Prefixed((byte)':', value);

    public void Array(int count) => Prefixed((byte)'*', count);

    public void Null() => Raw("$-1\r\n"u8);

    public void NullArray() => Raw("*-1\r\n"u8);

    public void Bulk(ReadOnlySpan<byte> bytes)
    {
        Prefixed((byte)'$', bytes.Length);
        var room = Room(bytes.Length + 2);
        bytes.CopyTo(room);
        "\r\n"u8.CopyTo(room[bytes.Length..]);
        Length += bytes.Length + 2;
    }

    public void BulkOrNull(byte[]? bytes)
    {
        if (bytes is null)
            Null();
        else
            Bulk(bytes);
    }

    public void Score(double value) => Bulk(Encoding.ASCII.GetBytes(
        double.IsPositiveInfinity(value) ? "inf"
        : double.IsNegativeInfinity(value) ? "-inf"
        : value.ToString("R", CultureInfo.InvariantCulture)));

    private void Prefixed(byte prefix, long value)
    {
        var room = Room(24);
        room[0] = prefix;
        Utf8Formatter.TryFormat(value, room[1..], out var digits);
        room[digits + 1] = (byte)'\r';
        room[digits + 2] = (byte)'\n';
        Length += digits + 3;
    }

    private void Line(byte prefix, ReadOnlySpan<byte> text)
    {
        var room = Room(text.Length + 3);
        room[0] = prefix;
        text.CopyTo(room[1..]);
        "\r\n"u8.CopyTo(room[(text.Length + 1)..]);
        Length += text.Length + 3;
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    private Span<byte> Room(int size)
    {
        if (_buffer.Length - Length < size)
            System.Array.Resize(ref _buffer, checked((int)Math.Max(Length + (long)size, Math.Min(2L * _buffer.Length, System.Array.MaxLength))));

        return _buffer.AsSpan(Length);
    }
}
