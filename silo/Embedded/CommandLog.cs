using Microsoft.Win32.SafeHandles;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>
/// The log on disk. Commands are added under the database's gate; whoever has to answer for them writes all that is
/// pending, so that one write serves everybody who came in time.
/// </summary>
internal sealed class CommandLog(Lock gate, string path, long length, bool syncsEachWrite) : IDisposable
{
    // Beyond this the disk has been refusing for a while, and further changes are refused in turn (P7).
    public const int MostPendingBytes = 256 * 1024 * 1024;
    private readonly Lock _fileGate = new();
    private SafeFileHandle _file = Open(path);
    private LogBuffer _pending = new();
    private LogBuffer _writing = new();
    private long _length = length;
    private long _written;
    private bool _isDirty;

    /// <summary>How much has been added since the start. The gate is held.</summary>
    public long Position { get; private set; }

    /// <summary>Size of the file that is being written.</summary>
    public long Length => Interlocked.Read(ref _length);

    public bool IsFull => _pending.Length > MostPendingBytes;

    /// <summary>The buffer for the next entry. The gate is held until it is closed and <see cref="Added"/>.</summary>
    public LogBuffer Pending => _pending;

    public void Added(int bytes) => Position += bytes;

    /// <summary>Returns when everything up to the position is in the file. Throws what the disk says, and may be tried again.</summary>
    public void WriteUntil(long position)
    {
        if (Interlocked.Read(ref _written) >= position)
            return;

        lock (_fileGate)
        {
            while (_written < position)
                Write();
        }
    }

    /// <summary>Makes sure that what was written survives a loss of power.</summary>
    public void Sync()
    {
        SafeFileHandle file;
        lock (_fileGate)
        {
            if (!_isDirty)
                return;

            _isDirty = false;
            file = _file;
        }

        try
        {
            RandomAccess.FlushToDisk(file); // slow, and writers need not wait for it
        }
        catch (ObjectDisposedException)
        {
            // the log went on in another file meanwhile, which made sure of this one
        }
    }

    /// <summary>Continues in another file; <paramref name="meanwhile"/> sees the moment between the two.</summary>
    public void ContinueIn(string path, Action meanwhile)
    {
        lock (_fileGate)
        {
            lock (gate)
            {
                while (_written < Position)
                    Write();

                var next = Open(path);
                RandomAccess.FlushToDisk(_file);
                _file.Dispose();
                _file = next;
                _isDirty = false;
                Interlocked.Exchange(ref _length, 0);
                meanwhile();
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private void Write()
    {
        // What a failed write left is tried again first, at the same place in the file.
        if (_writing.Length is 0)
        {
            lock (gate)
                (_pending, _writing) = (_writing, _pending);
        }

        RandomAccess.Write(_file, _writing.Written, _length);
        if (syncsEachWrite)
            RandomAccess.FlushToDisk(_file);

        _isDirty = !syncsEachWrite;
        Interlocked.Add(ref _length, _writing.Length);
        Interlocked.Add(ref _written, _writing.Length);
        _writing.Clear();
    }

    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
}
