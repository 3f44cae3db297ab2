using Orleans.Mqtt.Tests.Bench.Load;

namespace Orleans.Mqtt.Tests.Bench.Report;

/// <summary>The medians of all rounds of one scenario with one broker.</summary>
internal sealed record Summary(string Broker, Figures Medians, int Rounds)
{
    /// <summary>In the order in which scenarios and brokers were first measured.</summary>
    public static IReadOnlyList<Summary> Of(IEnumerable<(string Broker, Figures Figures)> runs) =>
    [
        .. runs.GroupBy(run => (run.Figures.Scenario, run.Broker))
            .Select(rounds => Of(rounds.Key.Broker, [.. rounds.Select(round => round.Figures)])),
    ];

    public static double? Median(IEnumerable<double?> values)
    {
        var sorted = values.OfType<double>().Order().ToArray();
        return sorted.Length is 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static Summary Of(string broker, Figures[] rounds) => new(
        broker,
        new Figures(rounds[0].Scenario, rounds[0].Kind)
        {
            Rate = Median(rounds.Select(round => round.Rate)),
            PerCpuSecond = Median(rounds.Select(round => round.PerCpuSecond)),
            P50Microseconds = Median(rounds.Select(round => round.P50Microseconds)),
            P99Microseconds = Median(rounds.Select(round => round.P99Microseconds)),
            Cores = Median(rounds.Select(round => round.Cores)),
            GeneratorCores = Median(rounds.Select(round => round.GeneratorCores)),
            ResidentMebibytes = Median(rounds.Select(round => round.ResidentMebibytes)),
            KibibytesAConnection = Median(rounds.Select(round => round.KibibytesAConnection)),
            OfFew = Median(rounds.Select(round => round.OfFew)),
            Faults = rounds.Aggregate(default(Faults), (faults, round) => faults + round.Faults),
            Note = rounds.Select(round => round.Note).FirstOrDefault(note => note is not null),
        },
        rounds.Length);
}
