namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>A sorted set: members with a score, in order of score, then of bytes.</summary>
internal sealed class SortedMembers
{
    private static readonly Comparer<(double Score, byte[] Member)> _order = Comparer<(double Score, byte[] Member)>.Create(
        (left, right) => left.Score != right.Score
            ? left.Score.CompareTo(right.Score)
            : left.Member.AsSpan().SequenceCompareTo(right.Member));

    private readonly Dictionary<byte[], double> _scores = new(BytesComparer.Instance);
    private readonly SortedSet<(double Score, byte[] Member)> _ordered = new(_order);

    public int Count => _scores.Count;

    public IEnumerable<(double Score, byte[] Member)> InOrder => _ordered;

    /// <summary>From the lowest score that may count; ends at once where there is none.</summary>
    public IEnumerable<(double Score, byte[] Member)> From(double score) =>
        _ordered.Count is 0 || _ordered.Max.Score < score
            ? []
            : _ordered.GetViewBetween((score, []), _ordered.Max);

    /// <summary>From a member on, where all have one score.</summary>
    public IEnumerable<(double Score, byte[] Member)> From(byte[] member)
    {
        if (_ordered.Count is 0)
            return [];

        var first = (_ordered.Min.Score, member);
        return _order.Compare(first, _ordered.Max) > 0 ? [] : _ordered.GetViewBetween(first, _ordered.Max);
    }

    public double? ScoreOf(byte[] member) => _scores.TryGetValue(member, out var score) ? score : null;

    /// <summary>True when the member is new.</summary>
    public bool Set(byte[] member, double score)
    {
        var isNew = !_scores.Remove(member, out var before);
        if (!isNew)
            _ordered.Remove((before, member));

        _scores[member] = score;
        _ordered.Add((score, member));
        return isNew;
    }

    public bool Remove(byte[] member) =>
        _scores.Remove(member, out var score) && _ordered.Remove((score, member));
}
