using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>One thing to measure on a broker that has just started.</summary>
internal interface IScenario
{
    string Name { get; }

    byte QoS { get; }

    Task<IReadOnlyList<Figures>> MeasureAsync(Run run);
}
