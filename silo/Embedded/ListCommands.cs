namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Commands on lists.</summary>
internal static class ListCommands
{
    public static readonly Dictionary<string, Command> All = new()
    {
        ["RPUSH"] = new(3, true, (database, command, replies) => Push(database, command, atEnd: true, replies)),
        ["LPUSH"] = new(3, true, (database, command, replies) => Push(database, command, atEnd: false, replies)),
        ["LPOP"] = new(2, true, (database, command, replies) => Pop(database, command, atEnd: false, replies)),
        ["RPOP"] = new(2, true, (database, command, replies) => Pop(database, command, atEnd: true, replies)),
        ["LLEN"] = new(2, false, (database, command, replies) =>
            replies.Integer(database.Keys.Find<Deque>(command[1])?.Count ?? 0)),
        ["LRANGE"] = new(4, false, Range),
        ["LTRIM"] = new(4, true, Trim),
        ["LINDEX"] = new(3, false, Index),
        ["LSET"] = new(4, true, Set),
    };

    private static void Push(Database database, Arguments command, bool atEnd, Replies replies)
    {
        var list = database.Keys.Change<Deque>(command[1]);
        for (var index = 2; index < command.Count; index++)
        {
            if (atEnd)
                list.AddLast(command[index].ToArray());
            else
                list.AddFirst(command[index].ToArray());
        }

        replies.Integer(list.Count);
    }

    private static void Pop(Database database, Arguments command, bool atEnd, Replies replies)
    {
        var wanted = command.Count > 2 ? command.Integer(2) : 1;
        if (database.Keys.Find<Deque>(command[1]) is not { } list)
        {
            if (command.Count > 2)
                replies.NullArray();
            else
                replies.Null();

            return;
        }

        database.Keys.Change(command[1]);
        var count = (int)Math.Clamp(wanted, 0, list.Count);
        if (command.Count > 2)
            replies.Array(count);

        for (var index = 0; index < count; index++)
            replies.Bulk(list[atEnd ? list.Count - 1 - index : index]);

        if (atEnd)
            list.RemoveLast(count);
        else
            list.RemoveFirst(count);

        database.Keys.RemoveIfEmpty(command[1]);
    }

    private static void Range(Database database, Arguments command, Replies replies)
    {
        var list = database.Keys.Find<Deque>(command[1]);
        var (first, count) = Window(command, list?.Count ?? 0);
        replies.Array(count);
        for (var index = 0; index < count; index++)
            replies.Bulk(list![first + index]);
    }

    private static void Trim(Database database, Arguments command, Replies replies)
    {
        if (database.Keys.Find<Deque>(command[1]) is { } list)
        {
            database.Keys.Change(command[1]);
            var (first, count) = Window(command, list.Count);
            list.RemoveLast(list.Count - first - count);
            list.RemoveFirst(count is 0 ? list.Count : first);
            database.Keys.RemoveIfEmpty(command[1]);
        }

        replies.Ok();
    }

    private static void Index(Database database, Arguments command, Replies replies)
    {
        var list = database.Keys.Find<Deque>(command[1]);
        var index = FromEnd(command.Integer(2), list?.Count ?? 0);
        replies.BulkOrNull(list is not null && index >= 0 && index < list.Count ? list[(int)index] : null);
    }

    private static void Set(Database database, Arguments command, Replies replies)
    {
        var list = database.Keys.Find<Deque>(command[1]) ?? throw new CommandException("ERR no such key");
        var index = FromEnd(command.Integer(2), list.Count);
        if (index < 0 || index >= list.Count)
            throw new CommandException("ERR index out of range");

        database.Keys.Change(command[1]);
        list[(int)index] = command[3].ToArray();
        replies.Ok();
    }

    /// <summary>From the second and third argument: where to begin and how many, within a list so long.</summary>
    internal static (int First, int Count) Window(Arguments command, int length)
    {
        var first = Math.Clamp(FromEnd(command.Integer(2), length), 0, length);
        var last = Math.Clamp(FromEnd(command.Integer(3), length), -1, length - 1);
        return last < first ? (0, 0) : ((int)first, (int)(last - first + 1));
    }

    private static long FromEnd(long index, int length) => index < 0 ? index + length : index;
}
