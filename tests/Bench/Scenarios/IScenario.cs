using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>One thing to measure on a broker that has just started.</summary>
internal interface IScenario
{
    string Name { get; }

    byte QoS { get; }

    /// <summary>Whether it is in MQTT 5 whatever the options say.</summary>
    bool IsOf5 => false;

    Task<IReadOnlyList<Figures>> MeasureAsync(Run run);
}
