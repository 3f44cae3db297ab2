using System.Text;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Runs commands, one at a time and under the gate, and logs those that change something.</summary>
internal sealed class Database
{
    private const int LongestName = 32;
    private readonly List<byte[][]> _logInstead = [];
    private CommandLog? _log;
    private bool _logsItself;
    private bool _isGroup;
    private int _entryFrom;

    public Database(TimeProvider time) => Keys = new Keyspace(time);

    /// <summary>Held by everybody who touches anything here.</summary>
    public Lock Gate { get; } = new();

    public Keyspace Keys { get; }

    public Scans Scans { get; } = new();

    /// <summary>From here on changes are logged, and keys expire.</summary>
    public void LogTo(CommandLog log)
    {
        _log = log;
        Keys.Expired = key => Log(("DEL"u8).ToArray(), key);
    }

    public void Execute(Arguments command, Replies replies)
    {
        var found = Lookup(command[0]);
        if (found is null)
            replies.Error($"ERR unknown command '{Encoding.ASCII.GetString(command[0][..Math.Min(command[0].Length, LongestName)])}'");
        else if (command.Count < found.Parts)
            replies.Error($"ERR wrong number of arguments for '{command.Text(0)}' command");
        else if (found.Writes && _log is { IsFull: true })
            replies.Error("MISCONF the log cannot be written, changes are refused");
        else
            Run(found, command, replies);
    }

    /// <summary>What runs inside becomes one entry of the log.</summary>
    public void Group(Action commands)
    {
        _isGroup = true;
        try
        {
            commands();
        }
        finally
        {
            _isGroup = false;
            CloseEntry();
        }
    }

    /// <summary>The running command changed nothing after all.</summary>
    public void LogNothing() => _logsItself = false;

    /// <summary>The running command is logged as this.</summary>
    public void LogInstead(ReadOnlySpan<byte> name, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _logsItself = false;
        _logInstead.Add([name.ToArray(), key.ToArray(), value.ToArray()]);
    }

    /// <summary>Whether the name is one of a command on data.</summary>
    public static Command? Lookup(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestName)
            return null;

        Span<byte> upper = stackalloc byte[LongestName];
        return Ascii.ToUpper(name, upper, out var length) is System.Buffers.OperationStatus.Done
            && Command.All.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(upper[..length], out var command)
                ? command
                : null;
    }

    private void Run(Command found, Arguments command, Replies replies)
    {
        var before = replies.Length;
        _logsItself = found.Writes;
        try
        {
            found.Run(this, command, replies);
            if (_logsItself && _log is not null)
            {
                OpenEntry();
                _log.Pending.Add(command);
            }

            foreach (var instead in _logInstead)
                Log(instead);
        }
        catch (CommandException refused)
        {
            replies.Truncate(before);
            replies.Error(refused.Message);
        }

        _logInstead.Clear();
        if (!_isGroup)
            CloseEntry();
    }

    private void Log(params ReadOnlySpan<byte[]> parts)
    {
        if (_log is null)
            return;

        OpenEntry();
        _log.Pending.Begin(parts.Length);
        foreach (var part in parts)
            _log.Pending.Part(part);
    }

    private void OpenEntry()
    {
        if (_log!.Pending.IsOpen)
            return;

        _entryFrom = _log.Pending.Length;
        _log.Pending.Open();
    }

    private void CloseEntry()
    {
        if (_log is not { Pending.IsOpen: true })
            return;

        _log.Pending.Close();
        _log.Added(_log.Pending.Length - _entryFrom);
    }
}
