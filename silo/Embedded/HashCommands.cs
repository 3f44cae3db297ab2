using Fields = System.Collections.Generic.Dictionary<byte[], byte[]>;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Commands on hashes.</summary>
internal static class HashCommands
{
    public static readonly Dictionary<string, Command> All = new()
    {
        ["HSET"] = new(4, true, (database, command, replies) => replies.Integer(Set(database, command))),
        ["HMSET"] = new(4, true, (database, command, replies) =>
        {
            Set(database, command);
            replies.Ok();
        }),
        ["HSETNX"] = new(4, true, SetIfNew),
        ["HGET"] = new(3, false, (database, command, replies) => replies.BulkOrNull(Get(database, command, 2))),
        ["HMGET"] = new(3, false, GetMany),
        ["HGETALL"] = new(2, false, GetAll),
        ["HDEL"] = new(3, true, Delete),
        ["HEXISTS"] = new(3, false, (database, command, replies) =>
            replies.Integer(Get(database, command, 2) is null ? 0 : 1)),
        ["HLEN"] = new(2, false, (database, command, replies) =>
            replies.Integer(database.Keys.Find<Fields>(command[1])?.Count ?? 0)),
        ["HSCAN"] = new(3, false, (database, command, replies) => database.Scans.Page(
            command,
            () => database.Keys.Find<Fields>(command[1])?.Keys,
            field => database.Keys.Find<Fields>(command[1])?.GetValueOrDefault(field),
            replies)),
    };

    private static int Set(Database database, Arguments command)
    {
        if (command.Count % 2 is not 0)
            throw new CommandException("ERR wrong number of arguments for 'hset' command");

        var fields = Change(database, command[1]);
        var before = fields.Count;
        for (var index = 2; index < command.Count; index += 2)
            fields.GetAlternateLookup<ReadOnlySpan<byte>>()[command[index]] = Values.Of(command[index + 1]);

        return fields.Count - before;
    }

    private static void SetIfNew(Database database, Arguments command, Replies replies)
    {
        var isNew = Get(database, command, 2) is null;
        if (isNew)
            Set(database, command);

        replies.Integer(isNew ? 1 : 0);
    }

    private static byte[]? Get(Database database, Arguments command, int index) =>
        database.Keys.Find<Fields>(command[1]) is { } fields
        && fields.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(command[index], out var value)
            ? value
            : null;

    private static void GetMany(Database database, Arguments command, Replies replies)
    {
        replies.Array(command.Count - 2);
        for (var index = 2; index < command.Count; index++)
            replies.BulkOrNull(Get(database, command, index));
    }

    private static void GetAll(Database database, Arguments command, Replies replies)
    {
        var fields = database.Keys.Find<Fields>(command[1]);
        replies.Array(2 * (fields?.Count ?? 0));
        foreach (var (name, value) in fields ?? [])
        {
            replies.Bulk(name);
            replies.Bulk(value);
        }
    }

    private static void Delete(Database database, Arguments command, Replies replies)
    {
        if (database.Keys.Find<Fields>(command[1]) is not { } fields)
        {
            replies.Integer(0);
            return;
        }

        database.Keys.Change(command[1]);
        var before = fields.Count;
        for (var index = 2; index < command.Count; index++)
            fields.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(command[index]);

        replies.Integer(before - fields.Count);
        database.Keys.RemoveIfEmpty(command[1]);
    }

    private static Fields Change(Database database, ReadOnlySpan<byte> key)
    {
        if (database.Keys.Find<Fields>(key) is { } fields)
        {
            database.Keys.Change(key);
            return fields;
        }

        fields = new Fields(BytesComparer.Instance);
        database.Keys.Put(key, fields);
        return fields;
    }
}
