namespace Orleans.Mqtt.Tests.Bench.Report;

/// <summary>What was done between two readings, and what it took.</summary>
internal readonly record struct Spending(TimeSpan Time, long Count, TimeSpan BrokerCpu, TimeSpan OwnCpu)
{
    public static Spending operator +(Spending one, Spending other) => new(
        one.Time + other.Time, one.Count + other.Count, one.BrokerCpu + other.BrokerCpu, one.OwnCpu + other.OwnCpu);

    public Figures ToFigures(string scenario, FigureKind kind, long residentBytes) => new(scenario, kind)
    {
        Rate = Count / Time.TotalSeconds,
        PerCpuSecond = BrokerCpu > TimeSpan.Zero ? Count / BrokerCpu.TotalSeconds : null,
        Cores = BrokerCpu / Time,
        GeneratorCores = OwnCpu / Time,
        ResidentMebibytes = residentBytes / 1024.0 / 1024.0,
    };
}
