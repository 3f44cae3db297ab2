namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Commands on keys of any kind, and on plain strings.</summary>
internal static class KeyCommands
{
    public static readonly Dictionary<string, Command> All = new()
    {
        ["GET"] = new(2, false, (database, command, replies) => replies.BulkOrNull(database.Keys.Find<byte[]>(command[1]))),
        ["MGET"] = new(2, false, GetMany),
        ["SET"] = new(3, true, Set),
        ["SETNX"] = new(3, true, SetIfNew),
        ["INCR"] = new(2, true, (database, command, replies) => Add(database, command, 1, replies)),
        ["INCRBY"] = new(3, true, (database, command, replies) => Add(database, command, command.Integer(2), replies)),
        ["DEL"] = new(2, true, Delete),
        ["UNLINK"] = new(2, true, Delete),
        ["EXISTS"] = new(2, false, Exists),
        ["RENAME"] = new(3, true, Rename),
        ["TYPE"] = new(2, false, (database, command, replies) => replies.Status(TypeOf(database.Keys.Find(command[1])))),
        ["DBSIZE"] = new(1, false, (database, _, replies) => replies.Integer(database.Keys.Count)),
        ["EXPIRE"] = new(3, true, (database, command, replies) =>
            ExpireAt(database, command, database.Keys.Now + (command.Integer(2) * 1_000), replies)),
        ["PEXPIRE"] = new(3, true, (database, command, replies) =>
            ExpireAt(database, command, database.Keys.Now + command.Integer(2), replies)),
        ["PEXPIREAT"] = new(3, true, (database, command, replies) =>
            ExpireAt(database, command, command.Integer(2), replies)),
        ["PERSIST"] = new(2, true, Persist),
        ["TTL"] = new(2, false, (database, command, replies) => TimeLeft(database, command, 1_000, replies)),
        ["PTTL"] = new(2, false, (database, command, replies) => TimeLeft(database, command, 1, replies)),
    };

    private static void GetMany(Database database, Arguments command, Replies replies)
    {
        replies.Array(command.Count - 1);
        for (var index = 1; index < command.Count; index++)
            replies.BulkOrNull(database.Keys.Find(command[index])?.Value as byte[]);
    }

    private static void Set(Database database, Arguments command, Replies replies)
    {
        var expiresAt = 0L;
        for (var index = 3; index < command.Count; index++)
        {
            var there = command.Is(index, "NX") || command.Is(index, "XX") ? database.Keys.Find(command[1]) : null;
            if ((command.Is(index, "NX") && there is not null) || (command.Is(index, "XX") && there is null))
            {
                replies.Null();
                database.LogNothing();
                return;
            }

            if (index + 1 < command.Count && (command.Is(index, "EX") || command.Is(index, "PX")))
                expiresAt = database.Keys.Now + (command.Integer(index + 1) * (command.Is(index++, "EX") ? 1_000 : 1));
            else if (!command.Is(index, "NX") && !command.Is(index, "XX"))
                throw new CommandException("ERR syntax error");
        }

        database.Keys.Put(command[1], command[2].ToArray()).ExpiresAt = expiresAt;
        if (command.Count > 3)
        {
            // Durations mean another moment at replay, and conditions another answer.
            database.LogInstead("SET"u8, command[1], command[2]);
            if (expiresAt > 0)
                database.LogInstead("PEXPIREAT"u8, command[1], Arguments.Number(expiresAt));
        }

        replies.Ok();
    }

    private static void SetIfNew(Database database, Arguments command, Replies replies)
    {
        var isNew = database.Keys.Find(command[1]) is null;
        if (isNew)
            database.Keys.Put(command[1], command[2].ToArray());

        replies.Integer(isNew ? 1 : 0);
    }

    private static void Add(Database database, Arguments command, long by, Replies replies)
    {
        var value = database.Keys.Find<byte[]>(command[1]) is { } bytes ? Arguments.Of(bytes).Integer(0) : 0;
        try
        {
            value = checked(value + by);
        }
        catch (OverflowException)
        {
            throw new CommandException("ERR increment or decrement would overflow");
        }

        if (database.Keys.Change(command[1]) is { } entry)
            entry.Value = Arguments.Number(value);
        else
            database.Keys.Put(command[1], Arguments.Number(value));

        replies.Integer(value);
    }

    private static void Delete(Database database, Arguments command, Replies replies)
    {
        var count = 0;
        for (var index = 1; index < command.Count; index++)
            count += database.Keys.Remove(command[index]) ? 1 : 0;

        replies.Integer(count);
    }

    private static void Exists(Database database, Arguments command, Replies replies)
    {
        var count = 0;
        for (var index = 1; index < command.Count; index++)
            count += database.Keys.Find(command[index]) is null ? 0 : 1;

        replies.Integer(count);
    }

    private static void Rename(Database database, Arguments command, Replies replies)
    {
        var entry = database.Keys.Find(command[1]) ?? throw new CommandException("ERR no such key");
        if (!command[1].SequenceEqual(command[2]))
        {
            database.Keys.Remove(command[1]); // saves it where a snapshot still needs it; the value itself moves on
            database.Keys.Remove(command[2]);
            database.Keys.Put(command[2], entry.Value).ExpiresAt = entry.ExpiresAt;
        }

        replies.Ok();
    }

    private static void ExpireAt(Database database, Arguments command, long moment, Replies replies)
    {
        if (database.Keys.Change(command[1]) is not { } entry)
        {
            replies.Integer(0);
            return;
        }

        entry.ExpiresAt = Math.Max(1, moment);
        database.LogInstead("PEXPIREAT"u8, command[1], Arguments.Number(moment));
        replies.Integer(1);
    }

    private static void Persist(Database database, Arguments command, Replies replies)
    {
        var entry = database.Keys.Change(command[1]);
        replies.Integer(entry is { ExpiresAt: > 0 } ? 1 : 0);
        if (entry is not null)
            entry.ExpiresAt = 0;
    }

    private static void TimeLeft(Database database, Arguments command, int unit, Replies replies) =>
        replies.Integer(database.Keys.Find(command[1]) switch
        {
            null => -2,
            { ExpiresAt: 0 } => -1,
            var entry => (entry.ExpiresAt - database.Keys.Now + unit - 1) / unit,
        });

    private static ReadOnlySpan<byte> TypeOf(Entry? entry) => entry?.Value switch
    {
        null => "none"u8,
        byte[] => "string"u8,
        Deque => "list"u8,
        Dictionary<byte[], byte[]> => "hash"u8,
        HashSet<byte[]> => "set"u8,
        _ => "zset"u8,
    };
}
