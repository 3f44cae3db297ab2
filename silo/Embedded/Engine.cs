using Microsoft.Win32.SafeHandles;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>A database with its files: recovers it, and keeps the files bounded while it is used.</summary>
internal sealed class Engine : IDisposable
{
    private const int EntriesAtOnce = 256;
    private readonly LogFiles _files;
    private long _snapshot;
    private long _log;
    private long _earlierLogBytes;
    private long _snapshotBytes;

    private Engine(string folder, TimeProvider time, bool syncsEachWrite)
    {
        _files = new LogFiles(folder);
        Database = new Database(time);
        var end = Recover();
        Log = new CommandLog(Database.Gate, _files.Log(_log), end, syncsEachWrite);
        Database.LogTo(Log);
    }

    public Database Database { get; }

    public CommandLog Log { get; }

    /// <summary>Bytes at the end of the log that were no whole entry: a write that a kill has cut off.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Size of the logs since the last snapshot.</summary>
    public long LogBytes => _earlierLogBytes + Log.Length;

    /// <summary>Size of the last snapshot.</summary>
    public long SnapshotBytes => _snapshotBytes;

    /// <exception cref="InvalidDataException">A file is broken elsewhere than at the end of the last log.</exception>
    public static Engine Open(string folder, TimeProvider time, bool syncsEachWrite) => new(folder, time, syncsEachWrite);

    /// <summary>Writes everything as a new snapshot, while commands go on, and lets the files before it go.</summary>
    public void TakeSnapshot(CancellationToken stopping)
    {
        var number = _log + 1;
        var saved = new LogBuffer();
        Entry[] entries = [];
        var before = LogBytes;
        Log.ContinueIn(_files.Log(number), () =>
            entries = Database.Keys.BeginSnapshot(entry => SnapshotEntries.Write(saved, entry)));
        _log = number;
        _earlierLogBytes = before;
        try
        {
            var size = Write(_files.Unfinished(number), entries, saved, stopping);
            File.Move(_files.Unfinished(number), _files.Snapshot(number));
            _snapshot = number;
            _snapshotBytes = size;
            _earlierLogBytes = 0;
        }
        finally
        {
            lock (Database.Gate)
                Database.Keys.EndSnapshot();

            _files.Tidy(_snapshot);
        }
    }

    public void Dispose()
    {
        lock (Database.Gate)
            Database.Keys.EndSnapshot();

        Log.WriteUntil(Log.Position);
        Log.Sync();
        Log.Dispose();
    }

    private long Write(string path, Entry[] entries, LogBuffer saved, CancellationToken stopping)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var size = 0L;
        for (var from = 0; from < entries.Length; from += EntriesAtOnce)
        {
            stopping.ThrowIfCancellationRequested();
            lock (Database.Gate)
            {
                foreach (var entry in entries.AsSpan(from, Math.Min(EntriesAtOnce, entries.Length - from)))
                    Database.Keys.Save(entry);

                WriteOut(file, saved, ref size);
            }
        }

        lock (Database.Gate)
        {
            Database.Keys.EndSnapshot();
            SnapshotEntries.WriteEnd(saved);
            WriteOut(file, saved, ref size);
        }

        RandomAccess.FlushToDisk(file);
        return size;
    }

    // Into the page cache and under the gate: a copy of some hundred kilobytes, and nobody needs a second buffer.
    private static void WriteOut(SafeFileHandle file, LogBuffer saved, ref long size)
    {
        RandomAccess.Write(file, saved.Written, size);
        size += saved.Length;
        saved.Clear();
    }

    private long Recover()
    {
        _snapshot = _files.NewestSnapshot();
        _files.Tidy(_snapshot);
        var reader = new LogReader(Database);
        if (_snapshot > 0)
        {
            _snapshotBytes = new FileInfo(_files.Snapshot(_snapshot)).Length;
            if (reader.Read(_files.Snapshot(_snapshot)) != _snapshotBytes || !reader.HasEnded)
                throw new InvalidDataException($"'{_files.Snapshot(_snapshot)}' is broken.");
        }

        var logs = _files.LogsFrom(_snapshot);
        _log = logs.Count is 0 ? Math.Max(1, _snapshot) : logs[^1];
        var end = 0L;
        foreach (var number in logs)
        {
            _earlierLogBytes += end;
            end = reader.Read(_files.Log(number));
            if (end < new FileInfo(_files.Log(number)).Length)
                CutOff(number, end);
        }

        return end;
    }

    private void CutOff(long number, long end)
    {
        if (number != _log)
            throw new InvalidDataException($"'{_files.Log(number)}' is broken after {end} bytes.");

        using var file = File.OpenHandle(_files.Log(number), FileMode.Open, FileAccess.Write);
        TornBytes = RandomAccess.GetLength(file) - end;
        RandomAccess.SetLength(file, end);
    }
}
