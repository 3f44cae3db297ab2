namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>What went wrong with messages, counted. All zero is the only good answer.</summary>
/// <param name="Lost">Sent and never delivered.</param>
/// <param name="Duplicated">Delivered again to the same subscriber.</param>
/// <param name="Reordered">Delivered after a later one of the same publisher and topic.</param>
/// <param name="Misdelivered">Not meant for this subscriber, damaged, or with another QoS than agreed.</param>
/// <param name="Misacknowledged">Acknowledgements out of turn.</param>
internal readonly record struct Faults(
    long Lost, long Duplicated, long Reordered, long Misdelivered, long Misacknowledged)
{
    public bool IsNone => this == default;

    public static Faults operator +(Faults one, Faults other) => new(
        one.Lost + other.Lost,
        one.Duplicated + other.Duplicated,
        one.Reordered + other.Reordered,
        one.Misdelivered + other.Misdelivered,
        one.Misacknowledged + other.Misacknowledged);

    public override string ToString()
    {
        if (IsNone)
            return "none";

        (long Count, string Name)[] all =
        [
            (Lost, "lost"), (Duplicated, "dup"), (Reordered, "reordered"),
            (Misdelivered, "misdelivered"), (Misacknowledged, "misacked"),
        ];
        return string.Join(", ", all.Where(fault => fault.Count != 0).Select(fault => $"{fault.Count} {fault.Name}"));
    }
}
