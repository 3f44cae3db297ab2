namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Commands on sorted sets.</summary>
internal static class SortedSetCommands
{
    public static readonly Dictionary<string, Command> All = new()
    {
        ["ZADD"] = new(4, true, Add),
        ["ZREM"] = new(3, true, Remove),
        ["ZCARD"] = new(2, false, (database, command, replies) =>
            replies.Integer(database.Keys.Find<SortedMembers>(command[1])?.Count ?? 0)),
        ["ZSCORE"] = new(3, false, Score),
        ["ZRANGE"] = new(4, false, Range),
        ["ZRANGEBYSCORE"] = new(4, false, RangeByScore),
    };

    private static void Add(Database database, Arguments command, Replies replies)
    {
        if (command.Count % 2 is not 0)
            throw new CommandException("ERR syntax error");

        for (var index = 2; index < command.Count; index += 2)
            command.Score(index); // all or nothing

        var members = database.Keys.Change<SortedMembers>(command[1]);
        var added = 0;
        for (var index = 2; index < command.Count; index += 2)
            added += members.Set(command[index + 1].ToArray(), command.Score(index)) ? 1 : 0;

        replies.Integer(added);
    }

    private static void Remove(Database database, Arguments command, Replies replies)
    {
        if (database.Keys.Find<SortedMembers>(command[1]) is not { } members)
        {
            replies.Integer(0);
            return;
        }

        database.Keys.Change(command[1]);
        var removed = 0;
        for (var index = 2; index < command.Count; index++)
            removed += members.Remove(command[index].ToArray()) ? 1 : 0;

        replies.Integer(removed);
        database.Keys.RemoveIfEmpty(command[1]);
    }

    private static void Score(Database database, Arguments command, Replies replies)
    {
        if (database.Keys.Find<SortedMembers>(command[1])?.ScoreOf(command[2].ToArray()) is { } score)
            replies.Score(score);
        else
            replies.Null();
    }

    private static void Range(Database database, Arguments command, Replies replies)
    {
        var members = database.Keys.Find<SortedMembers>(command[1]);
        var (first, count) = ListCommands.Window(command, members?.Count ?? 0);
        Answer(members?.InOrder.Skip(first).Take(count), command, from: 4, replies);
    }

    private static void RangeByScore(Database database, Arguments command, Replies replies)
    {
        var (lowest, isAbove) = Bound(command, 2);
        var (highest, isBelow) = Bound(command, 3);
        var found = database.Keys.Find<SortedMembers>(command[1])?.From(lowest)
            .SkipWhile(member => isAbove && member.Score == lowest)
            .TakeWhile(member => isBelow ? member.Score < highest : member.Score <= highest);
        var from = 4;
        for (var index = 4; index + 2 < command.Count; index++)
        {
            if (!command.Is(index, "LIMIT"))
                continue;

            var take = command.Integer(index + 2);
            found = found?.Skip((int)command.Integer(index + 1));
            if (take >= 0)
                found = found?.Take((int)Math.Min(take, int.MaxValue));

            from = index + 3;
        }

        Answer(found, command, from, replies);
    }

    private static void Answer(
        IEnumerable<(double Score, byte[] Member)>? found, Arguments command, int from, Replies replies)
    {
        var withScores = false;
        for (var index = 4; index < command.Count; index++)
        {
            if (command.Is(index, "WITHSCORES"))
                withScores = true;
            else if (index >= from)
                throw new CommandException("ERR syntax error");
        }

        var members = found?.ToList() ?? [];
        replies.Array(members.Count * (withScores ? 2 : 1));
        foreach (var (score, member) in members)
        {
            replies.Bulk(member);
            if (withScores)
                replies.Score(score);
        }
    }

    private static (double Score, bool IsExclusive) Bound(Arguments command, int index) =>
        command[index].StartsWith("("u8)
            ? (Arguments.Of(command[index][1..].ToArray()).Score(0), true)
            : (command.Score(index), false);
}
