namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Everything that can be measured.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<IScenario> All { get; } =
    [
        new Pairs(0), new Pairs(1), new Pairs(2),
        new FanIn(0), new FanIn(1), new FanIn(2),
        new FanOut(0), new FanOut(1), new FanOut(2),
        new PersistentPairs(),
        new Offline(),
        new Churn(),
        new Idle(),
        new Retained(),
        new Wildcards(),
        new Latency(0), new Latency(1),
        new Shared(0), new Shared(1),
        new Startup(),
        new PropertyPairs(0), new PropertyPairs(1),
        new PayloadPairs(1, 0), new PayloadPairs(64, 0),
    ];

    /// <summary>Those that are asked for by name or by the part of it before the QoS; all if none is.</summary>
    public static IReadOnlyList<IScenario> Choose(BenchOptions options)
    {
        var unknown = options.Scenarios.FirstOrDefault(name => !All.Any(scenario => IsNamed(scenario, name)));
        if (unknown is not null)
            throw new ArgumentException($"There is no scenario {unknown}.");

        return
        [
            .. All.Where(scenario => options.Scenarios.Count is 0
                    || options.Scenarios.Any(name => IsNamed(scenario, name)))
                .Where(scenario => options.QoS is null || scenario.QoS == options.QoS),
        ];
    }

    private static bool IsNamed(IScenario scenario, string name) =>
        scenario.Name == name || scenario.Name.StartsWith(name + "-q", StringComparison.Ordinal);
}
