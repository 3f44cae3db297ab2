namespace Orleans.Mqtt.Tests.Support.Audit;

/// <summary>The verdict on a <see cref="Chronicle"/>: figures, and the first few breaches of each kind in words.</summary>
internal sealed class Findings
{
    private const int Shown = 8;
    private readonly List<string> _breaches = [];
    private readonly long[] _lost = new long[Enum.GetValues<StreamKind>().Length];

    public long Acknowledged { get; set; }

    public long Received { get; set; }

    /// <summary>Repeats of QoS 1, which the standard allows.</summary>
    public long Repeated { get; set; }

    /// <summary>What must arrive and did not, of all kinds.</summary>
    public long Lost => _lost.Sum();

    /// <summary>Repeats of QoS 2.</summary>
    public long Duplicates { get; private set; }

    public long OutOfOrder { get; private set; }

    /// <summary>What a connection heard, or had acknowledged, after another one had taken it over (promise P5).</summary>
    public long Usurped { get; private set; }

    /// <summary>Wills of those who had said goodbye (promise P6).</summary>
    public long Unwanted { get; private set; }

    public long Odd { get; private set; }

    public bool IsClean => Lost + Duplicates + OutOfOrder + Usurped + Unwanted + Odd == 0;

    /// <summary>What must arrive and did not, of one kind.</summary>
    public long LostOf(StreamKind kind) => _lost[(int)kind];

    public void AddLost(StreamKind kind, string breach) => Note(++_lost[(int)kind], $"lost ({kind})", breach);

    public void AddDuplicate(string breach) => Note(++Duplicates, "twice", breach);

    public void AddOutOfOrder(string breach) => Note(++OutOfOrder, "out of order", breach);

    public void AddUsurped(string breach) => Note(++Usurped, "two owners", breach);

    public void AddUnwanted(string breach) => Note(++Unwanted, "unwanted", breach);

    public void AddOdd(string breach) => Note(++Odd, "odd", breach);

    public override string ToString() =>
        $"{Acknowledged} messages acknowledged, {Received} received, {Lost} lost "
        + $"({string.Join(", ", Enum.GetValues<StreamKind>().Select(kind => $"{kind} {LostOf(kind)}"))}), "
        + $"{Duplicates} duplicates of QoS 2, {OutOfOrder} out of order, {Usurped} with two owners, "
        + $"{Unwanted} wills of those who said goodbye, {Odd} oddities ({Repeated} repeats of QoS 1, which are allowed)"
        + string.Concat(_breaches.Select(breach => "\n  " + breach));

    private void Note(long nth, string kind, string breach)
    {
        if (nth <= Shown)
            _breaches.Add($"{kind}: {breach}");
    }
}
