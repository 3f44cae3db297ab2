using Microsoft.Extensions.Logging;

namespace Orleans.Mqtt.Gateway.Files;

/// <summary>Something that is looked at again and again while the process runs.</summary>
internal interface IWatched
{
    void Look();
}

/// <summary>
/// What files of the settings say, read again when they change. What cannot be read leaves the old in force: a slip of the
/// pen must not lock everybody out, or let everybody in.
/// </summary>
internal sealed class WatchedFile<T> : IWatched
    where T : class
{
    private readonly IReadOnlyList<string> _paths;
    private readonly Func<T?, T> _read;
    private readonly ILogger _log;
    private FileStamp[] _seen;
    private FileStamp[] _stamp;
    private volatile T _current;

    /// <summary>The reading is given what was in force before, if anything was.</summary>
    public WatchedFile(IReadOnlyList<string> paths, Func<T?, T> read, ILogger log)
    {
        _paths = paths;
        _read = read;
        _log = log;
        _stamp = _seen = FileStamp.Of(paths);
        _current = read(null);
    }

    /// <summary>Called with the old and the new when something else is in force.</summary>
    public event Action<T, T>? Changed;

    public T Current => _current;

    /// <summary>Reads again what has changed and, as two looks show, is not being written any more.</summary>
    public void Look()
    {
        var stamp = FileStamp.Of(_paths);
        var isSettled = stamp.SequenceEqual(_seen);
        _seen = stamp;
        if (!isSettled || stamp.SequenceEqual(_stamp))
            return;

        _stamp = stamp;
        var before = _current;
        try
        {
            _current = _read(before);
        }
        catch (Exception failure) when (FileCheck.IsOfTheFile(failure))
        {
            _log.FileNotReadAgain(_paths[0], failure.Message);
            return;
        }

        _log.FileReadAgain(_paths[0]);
        Changed?.Invoke(before, _current);
    }
}
