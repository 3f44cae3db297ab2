using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>One command and its arguments, as places in a buffer. Borrowed: valid until the buffer moves on.</summary>
internal sealed class Arguments
{
    private (int Start, int Length)[] _places = new (int, int)[16];
    private byte[] _buffer = [];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int index] => _buffer.AsSpan(_places[index].Start, _places[index].Length);

    public static Arguments Of(params ReadOnlySpan<byte[]> parts)
    {
        var arguments = new Arguments();
        var buffer = new byte[parts.Length is 0 ? 0 : Sum(parts)];
        arguments.Reset(buffer);
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(buffer, at);
            arguments.Add(at, part.Length);
            at += part.Length;
        }

        return arguments;
    }

    public void Reset(byte[] buffer)
    {
        _buffer = buffer;
        Count = 0;
    }

    public void Add(int start, int length)
    {
        if (Count == _places.Length)
            Array.Resize(ref _places, 2 * _places.Length);

        _places[Count++] = (start, length);
    }

    /// <summary>The same, owning its bytes.</summary>
    public Arguments Copy()
    {
        var parts = new byte[Count][];
        for (var index = 0; index < Count; index++)
            parts[index] = this[index].ToArray();

        return Of(parts);
    }

    public long Integer(int index) =>
        Utf8Parser.TryParse(this[index], out long value, out var consumed) && consumed == this[index].Length
            ? value
            : throw new CommandException("ERR value is not an integer or out of range");

    public double Score(int index)
    {
        var text = this[index];
        if (Utf8Parser.TryParse(text, out double value, out var consumed) && consumed == text.Length)
            return value;

        return Encoding.ASCII.GetString(text).ToUpperInvariant() switch
        {
            "INF" or "+INF" => double.PositiveInfinity,
            "-INF" => double.NegativeInfinity,
            _ => throw new CommandException("ERR value is not a valid float"),
        };
    }

    public bool Is(int index, string word) => Ascii.EqualsIgnoreCase(this[index], word);

    public string Text(int index) => Encoding.UTF8.GetString(this[index]);

    public static byte[] Number(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    private static int Sum(ReadOnlySpan<byte[]> parts)
    {
        var sum = 0;
        foreach (var part in parts)
            sum += part.Length;

        return sum;
    }
}
