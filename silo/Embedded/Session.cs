using System.Security.Cryptography;
using System.Text;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>One client's side of the store: whether it is known, and the transaction it is in. The gate is held by the caller.</summary>
internal sealed class Session(Database database, Scripts scripts, byte[] password)
{
    private const int MostQueuedCommands = 100_000;
    private readonly List<(byte[] Key, Entry? Entry, long Version)> _watched = [];
    private List<Arguments>? _queued;
    private bool _isQueueBroken;

    public bool IsKnown { get; private set; }

    public void Execute(Arguments command, Replies replies)
    {
        var before = replies.Length;
        try
        {
            if (!IsKnown && !command.Is(0, "AUTH"))
                replies.Error("NOAUTH Authentication required.");
            else if (_queued is not null && !EndsTransaction(command))
                Queue(command, replies);
            else if (Database.Lookup(command[0]) is not null)
                database.Execute(command, replies);
            else
                ExecuteOwn(command, replies);
        }
        catch (CommandException refused)
        {
            replies.Truncate(before);
            replies.Error(refused.Message);
        }
    }

    private static bool EndsTransaction(Arguments command) =>
        command.Is(0, "EXEC") || command.Is(0, "DISCARD") || command.Is(0, "WATCH") || command.Is(0, "MULTI");

    private void ExecuteOwn(Arguments command, Replies replies)
    {
        switch (command.Text(0).ToUpperInvariant())
        {
            case "AUTH" when command.Count is 2 or 3:
                Authenticate(command[command.Count - 1], replies);
                break;

            case "MULTI":
                _ = _queued is null ? _queued = [] : throw new CommandException("ERR MULTI calls can not be nested");
                replies.Ok();
                break;

            case "EXEC":
                ExecuteQueued(replies);
                break;

            case "DISCARD":
                EndTransaction();
                replies.Ok();
                break;

            case "WATCH":
                Watch(command, replies);
                break;

            case "UNWATCH":
                _watched.Clear();
                replies.Ok();
                break;

            case "EVAL" when command.Count > 2:
                scripts.Evaluate(scripts.Load(command[1]), command, replies);
                break;

            case "EVALSHA" when command.Count > 2:
                scripts.Evaluate(command.Text(1), command, replies);
                break;

            case "SCRIPT" when command.Count > 2:
                ManageScripts(command, replies);
                break;

            default:
                Pleasantries.Answer(command, replies);
                break;
        }
    }

    private void Authenticate(ReadOnlySpan<byte> offered, Replies replies)
    {
        IsKnown = CryptographicOperations.FixedTimeEquals(offered, password);
        if (IsKnown)
            replies.Ok();
        else
            replies.Error("WRONGPASS invalid username-password pair or user is disabled.");
    }

    private void Queue(Arguments command, Replies replies)
    {
        if (_queued!.Count == MostQueuedCommands)
        {
            _isQueueBroken = true;
            throw new CommandException("ERR too many commands in one transaction");
        }

        _queued.Add(command.Copy());
        replies.Status("QUEUED"u8);
    }

    private void ExecuteQueued(Replies replies)
    {
        var queued = _queued ?? throw new CommandException("ERR EXEC without MULTI");
        var isUntouched = _watched.TrueForAll(watched =>
            database.Keys.Find(watched.Key) is var now && now == watched.Entry && (now?.Version ?? 0) == watched.Version);
        var isBroken = _isQueueBroken;
        EndTransaction();
        if (isBroken)
            throw new CommandException("EXECABORT Transaction discarded because of previous errors.");

        if (!isUntouched)
        {
            replies.NullArray();
            return;
        }

        replies.Array(queued.Count);
        database.Group(() =>
        {
            foreach (var command in queued)
                ExecuteInGroup(command, replies);
        });
    }

    private void ExecuteInGroup(Arguments command, Replies replies)
    {
        if (command.Is(0, "EVAL") || command.Is(0, "EVALSHA") || command.Is(0, "SCRIPT"))
            replies.Error("ERR scripts are not supported inside a transaction"); // a script is a transaction itself
        else
            Execute(command, replies);
    }

    private void Watch(Arguments command, Replies replies)
    {
        if (_queued is not null)
            throw new CommandException("ERR WATCH inside MULTI is not allowed");

        for (var index = 1; index < command.Count; index++)
        {
            var entry = database.Keys.Find(command[index]);
            _watched.Add((command[index].ToArray(), entry, entry?.Version ?? 0));
        }

        replies.Ok();
    }

    private void ManageScripts(Arguments command, Replies replies)
    {
        if (command.Is(1, "LOAD"))
        {
            replies.Bulk(Encoding.ASCII.GetBytes(scripts.Load(command[2])));
            return;
        }

        if (!command.Is(1, "EXISTS"))
            throw new CommandException("ERR unknown subcommand of 'script'");

        replies.Array(command.Count - 2);
        for (var index = 2; index < command.Count; index++)
            replies.Integer(scripts.Knows(command.Text(index)) ? 1 : 0);
    }

    private void EndTransaction()
    {
        _queued = null;
        _isQueueBroken = false;
        _watched.Clear();
    }
}
