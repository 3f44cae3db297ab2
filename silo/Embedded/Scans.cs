namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>
/// Cursors of HSCAN and SSCAN. A cursor keeps the names that were there when it began, so whatever stays is seen; the
/// oldest cursors go when there are too many.
/// </summary>
internal sealed class Scans
{
    public const int MostCursors = 64;
    private const int DefaultCount = 10;
    private readonly OrderedDictionary<long, (byte[][] Names, int At)> _cursors = [];
    private long _lastCursor;

    public int Open => _cursors.Count;

    public void Page(
        Arguments command, Func<IEnumerable<byte[]>?> names, Func<byte[], byte[]?>? value, Replies replies)
    {
        var cursor = command.Integer(2);
        var (found, at) = cursor is 0
            ? (names()?.ToArray() ?? [], 0)
            : _cursors.Remove(cursor, out var kept) ? kept : throw new CommandException("ERR the cursor is gone");

        var page = new List<byte[]>();
        for (var count = Count(command); at < found.Length && count > 0; at++, count--)
        {
            if (value is null)
                page.Add(found[at]);
            else if (value(found[at]) is { } current)
                page.AddRange([found[at], current]);
        }

        replies.Array(2);
        replies.Bulk(Arguments.Number(at < found.Length ? Keep(found, at) : 0));
        replies.Array(page.Count);
        foreach (var item in page)
            replies.Bulk(item);
    }

    private long Keep(byte[][] names, int at)
    {
        if (_cursors.Count == MostCursors)
            _cursors.RemoveAt(0);

        _cursors.Add(++_lastCursor, (names, at));
        return _lastCursor;
    }

    private static int Count(Arguments command)
    {
        for (var index = 3; index + 1 < command.Count; index++)
        {
            if (command.Is(index, "COUNT"))
                return (int)Math.Clamp(command.Integer(index + 1), 1, 10_000);

            if (command.Is(index, "MATCH"))
                throw new CommandException("ERR MATCH is not supported");
        }

        return DefaultCount;
    }
}
