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
        ["ZRANGEBYLEX"] = new(4, false, RangeByMember),
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
        var (limited, from) = Limit(found, command);
        Answer(limited, command, from, replies);
    }

    // Where all have one score: by bytes.
    private static void RangeByMember(Database database, Arguments command, Replies replies)
    {
        var lowest = MemberBound.Read(command, 2);
        var highest = MemberBound.Read(command, 3);
        var found = database.Keys.Find<SortedMembers>(command[1])?.From(lowest.Member)
            .SkipWhile(member => lowest.Compare(member.Member) < 0)
            .TakeWhile(member => highest.Compare(member.Member) <= 0);
        var (limited, from) = Limit(found, command);
        if (command.Count > from)
            throw new CommandException("ERR syntax error");

        Answer(limited, command, from, replies);
    }

    private static (IEnumerable<(double Score, byte[] Member)>? Found, int From) Limit(
        IEnumerable<(double Score, byte[] Member)>? found, Arguments command)
    {
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

        return (found, from);
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

    /// <summary>"[" takes a member in, "(" leaves it out, "-" is before and "+" behind them all.</summary>
    private readonly record struct MemberBound(byte[] Member, int Side, bool IsEnd)
    {
        public static MemberBound Read(Arguments command, int index)
        {
            // What a bound leaves out is on its far side: behind the highest, before the lowest.
            var bound = command[index];
            var far = index == 2 ? -1 : 1;
            return bound switch
            {
                [(byte)'-'] => new MemberBound([], 1, IsEnd: true),
                [(byte)'+'] => new MemberBound([], -1, IsEnd: true),
                [(byte)'[', ..] => new MemberBound(bound[1..].ToArray(), 0, IsEnd: false),
                [(byte)'(', ..] => new MemberBound(bound[1..].ToArray(), far, IsEnd: false),
                _ => throw new CommandException("ERR min or max not valid string range item"),
            };
        }

        /// <summary>Where the member stands: below 0 before the bound, above 0 behind it.</summary>
        public int Compare(byte[] member)
        {
            var order = IsEnd ? 0 : member.AsSpan().SequenceCompareTo(Member);
            return order == 0 ? Side : order;
        }
    }
}
