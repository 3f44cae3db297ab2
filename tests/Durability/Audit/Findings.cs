namespace Orleans.Mqtt.Tests.Durability.Audit;

/// <summary>The verdict on a <see cref="Chronicle"/>: figures, and the first few breaches of each kind in words.</summary>
internal sealed class Findings
{
    private const int Shown = 5;
    private readonly List<string> _breaches = [];

    public long Acknowledged { get; set; }

    public long Received { get; set; }

    /// <summary>Repeats of QoS 1, which the standard allows.</summary>
    public long Repeated { get; set; }

    public long Lost { get; private set; }

    /// <summary>Repeats of QoS 2.</summary>
    public long Duplicates { get; private set; }

    public long OutOfOrder { get; private set; }

    public long Odd { get; private set; }

    public bool IsClean => Lost + Duplicates + OutOfOrder + Odd == 0;

    public void AddLost(string breach) => Note(++Lost, "lost", breach);

    public void AddDuplicate(string breach) => Note(++Duplicates, "twice", breach);

    public void AddOutOfOrder(string breach) => Note(++OutOfOrder, "out of order", breach);

    public void AddOdd(string breach) => Note(++Odd, "odd", breach);

    public override string ToString() =>
        $"{Acknowledged} messages acknowledged, {Received} received, {Lost} lost, {Duplicates} duplicates of QoS 2, "
        + $"{OutOfOrder} out of order, {Odd} oddities ({Repeated} repeats of QoS 1, which are allowed)"
        + string.Concat(_breaches.Select(breach => "\n  " + breach));

    private void Note(long nth, string kind, string breach)
    {
        if (nth <= Shown)
            _breaches.Add($"{kind}: {breach}");
    }
}
