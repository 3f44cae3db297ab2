using Members = System.Collections.Generic.HashSet<byte[]>;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Commands on sets.</summary>
internal static class SetCommands
{
    public static readonly Dictionary<string, Command> All = new()
    {
        ["SADD"] = new(3, true, Add),
        ["SREM"] = new(3, true, Remove),
        ["SMEMBERS"] = new(2, false, ReadAll),
        ["SISMEMBER"] = new(3, false, (database, command, replies) => replies.Integer(
            database.Keys.Find<Members>(command[1])?.Contains(command[2].ToArray()) is true ? 1 : 0)),
        ["SCARD"] = new(2, false, (database, command, replies) =>
            replies.Integer(database.Keys.Find<Members>(command[1])?.Count ?? 0)),
        ["SSCAN"] = new(3, false, (database, command, replies) => database.Scans.Page(
            command, () => database.Keys.Find<Members>(command[1]), value: null, replies)),
    };

    private static void Add(Database database, Arguments command, Replies replies)
    {
        if (database.Keys.Find<Members>(command[1]) is { } members)
            database.Keys.Change(command[1]);
        else
            database.Keys.Put(command[1], members = new Members(BytesComparer.Instance));

        var before = members.Count;
        for (var index = 2; index < command.Count; index++)
            members.Add(command[index].ToArray());

        replies.Integer(members.Count - before);
    }

    private static void Remove(Database database, Arguments command, Replies replies)
    {
        if (database.Keys.Find<Members>(command[1]) is not { } members)
        {
            replies.Integer(0);
            return;
        }

        database.Keys.Change(command[1]);
        var before = members.Count;
        for (var index = 2; index < command.Count; index++)
            members.Remove(command[index].ToArray());

        replies.Integer(before - members.Count);
        database.Keys.RemoveIfEmpty(command[1]);
    }

    private static void ReadAll(Database database, Arguments command, Replies replies)
    {
        var members = database.Keys.Find<Members>(command[1]);
        replies.Array(members?.Count ?? 0);
        foreach (var member in members ?? [])
            replies.Bulk(member);
    }
}
