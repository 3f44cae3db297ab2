using Orleans.Mqtt.Tests.Bench.Load;

namespace Orleans.Mqtt.Tests.Bench.Report;

/// <summary>What one run of one scenario against one broker has shown; null where it has nothing to say.</summary>
internal sealed record Figures(string Scenario, FigureKind Kind)
{
    /// <summary>What the scenario counts, per second of time.</summary>
    public double? Rate { get; init; }

    /// <summary>The same, per second of CPU that the broker used: the steady one of the two.</summary>
    public double? PerCpuSecond { get; init; }

    public double? P50Microseconds { get; init; }

    public double? P99Microseconds { get; init; }

    /// <summary>CPU seconds of the broker per second.</summary>
    public double? Cores { get; init; }

    /// <summary>CPU seconds of this generator per second.</summary>
    public double? GeneratorCores { get; init; }

    public double? ResidentMebibytes { get; init; }

    public double? KibibytesAConnection { get; init; }

    /// <summary>Its messages per CPU second in relation to those through few filters.</summary>
    public double? OfFew { get; init; }

    public Faults Faults { get; init; }

    /// <summary>Why there are no figures.</summary>
    public string? Note { get; init; }
}
