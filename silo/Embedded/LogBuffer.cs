using System.Buffers.Binary;
using System.IO.Hashing;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>
/// Log entries that are to be written. An entry is a length, a checksum and one or more commands; it counts whole or not
/// at all, which is what makes a transaction or a script one step.
/// </summary>
internal sealed class LogBuffer
{
    public const int HeaderBytes = 8;
    private const int KeptBytes = 1024 * 1024;
    private byte[] _bytes = new byte[64 * 1024];
    private int _entryAt = -1;

    public int Length { get; private set; }

    public bool IsOpen => _entryAt >= 0;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptBytes)
            _bytes = new byte[64 * 1024];
    }

    public void Open()
    {
        _entryAt = Length;
        Room(HeaderBytes);
        Length += HeaderBytes;
    }

    public void Begin(int parts) => Integer(parts);

    public void Part(ReadOnlySpan<byte> part)
    {
        Integer(part.Length);
        part.CopyTo(Room(part.Length));
        Length += part.Length;
    }

    public void Add(Arguments command)
    {
        Begin(command.Count);
        for (var index = 0; index < command.Count; index++)
            Part(command[index]);
    }

    public void Close()
    {
        var header = _bytes.AsSpan(_entryAt, HeaderBytes);
        var body = _bytes.AsSpan(_entryAt + HeaderBytes, Length - _entryAt - HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header, body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Checksum(body));
        _entryAt = -1;
    }

    // Seeded with the length, so that a run of zeros (a torn file may have one) is no valid entry.
    public static uint Checksum(ReadOnlySpan<byte> body) => (uint)XxHash3.HashToUInt64(body, body.Length + 1);

    private void Integer(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Room(sizeof(int)), value);
        Length += sizeof(int);
    }

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - Length < size)
            Array.Resize(ref _bytes, checked((int)Math.Max(Length + (long)size, Math.Min(2L * _bytes.Length, Array.MaxLength))));

        return _bytes.AsSpan(Length);
    }
}
