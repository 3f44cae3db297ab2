using System.Buffers.Binary;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Reads a log or a snapshot back into a database.</summary>
internal sealed class LogReader(Database database)
{
    /// <summary>The command at the end of a whole snapshot.</summary>
    public static ReadOnlySpan<byte> End => "END"u8;

    private readonly Arguments _command = new();
    private readonly Replies _replies = new();
    private byte[] _body = new byte[64 * 1024];

    /// <summary>True once the end mark of a snapshot was read.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Runs all whole entries, and returns where they end: at the file's end, unless something is broken there.</summary>
    public long Read(string path)
    {
        HasEnded = false;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1024 * 1024);
        Span<byte> header = stackalloc byte[LogBuffer.HeaderBytes];
        var good = 0L;
        while (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length < 0 || length > file.Length - file.Position)
                break;

            if (_body.Length < length)
                _body = new byte[(int)Math.Min(Math.Max(length, 2L * _body.Length), Array.MaxLength)];

            file.ReadExactly(_body, 0, length);
            if (LogBuffer.Checksum(_body.AsSpan(0, length)) != BinaryPrimitives.ReadUInt32LittleEndian(header[4..]))
                break;

            Run(length);
            good = file.Position;
        }

        return good;
    }

    private void Run(int length)
    {
        var at = 0;
        while (at < length)
        {
            _command.Reset(_body);
            for (var parts = Integer(ref at); parts > 0; parts--)
            {
                var size = Integer(ref at);
                _command.Add(at, size);
                at += size;
            }

            if (_command[0].SequenceEqual(End))
                HasEnded = true;
            else
                database.Execute(_command, _replies);

            _replies.Clear();
        }
    }

    private int Integer(ref int at)
    {
        var value = BinaryPrimitives.ReadInt32LittleEndian(_body.AsSpan(at));
        at += sizeof(int);
        return value;
    }
}
