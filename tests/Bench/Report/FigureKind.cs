namespace Orleans.Mqtt.Tests.Bench.Report;

/// <summary>Which table a scenario's figures stand in.</summary>
internal enum FigureKind
{
    Throughput,
    Latency,
    Memory,
}
