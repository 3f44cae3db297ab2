namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>Where a level lies in the text, and its name in the tree once that was asked for.</summary>
internal readonly record struct Level(ushort Start, ushort Length, int Name)
{
    public const int NotAsked = -1;
}

/// <summary>
/// The levels of a topic or filter, cut and looked up when the search first comes to them: a tree of three levels
/// does not pay for a topic of thousands.
/// </summary>
internal ref struct LevelCursor(ReadOnlySpan<byte> text, LevelNames names, Span<Level> first)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly LevelNames _names = names;
    private SpillList<Level> _levels = new(first);
    private int _cutTo;

    /// <summary>Ask for the levels in order.</summary>
    public bool Has(int depth) => depth < _levels.Count || CutNext();

    public readonly ReadOnlySpan<byte> TextAt(int depth) => _text.Slice(_levels[depth].Start, _levels[depth].Length);

    /// <summary>0 if no level in the tree has this name.</summary>
    public readonly int NameAt(int depth)
    {
        ref var level = ref _levels[depth];
        if (level.Name == Level.NotAsked)
            level = level with { Name = _names.Find(TextAt(depth)) };

        return level.Name;
    }

    public readonly void Dispose() => _levels.Dispose();

    private bool CutNext()
    {
        if (_cutTo > _text.Length)
            return false;

        var rest = _text[_cutTo..];
        var slash = rest.IndexOf((byte)'/');
        var length = slash < 0 ? rest.Length : slash;
        _levels.Add(new Level((ushort)_cutTo, (ushort)length, Level.NotAsked));
        _cutTo += length + 1;
        return true;
    }
}
