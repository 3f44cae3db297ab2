using System.Diagnostics;
using Orleans.Mqtt.Tests.Bench.Brokers;

namespace Orleans.Mqtt.Tests.Bench.Report;

/// <summary>A look at all meters at once: clock, count, CPU of the broker and of ourselves.</summary>
internal readonly record struct Reading(long At, long Count, Usage Broker, TimeSpan OwnCpu)
{
    public static Reading Of(Broker broker, long count) =>
        new(Stopwatch.GetTimestamp(), count, broker.Usage, Environment.CpuUsage.TotalTime);

    public Spending Since(in Reading before) => new(
        Stopwatch.GetElapsedTime(before.At, At),
        Count - before.Count,
        Broker.Cpu - before.Broker.Cpu,
        OwnCpu - before.OwnCpu);
}
