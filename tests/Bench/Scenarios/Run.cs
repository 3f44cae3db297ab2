using System.Globalization;
using Orleans.Mqtt.Tests.Bench.Brokers;
using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>One broker process under one scenario.</summary>
internal sealed record Run(Broker Broker, BenchOptions Options, CancellationToken Stopping)
{
    public Fleet NewFleet(int publishers) => new(Broker.Ports, Options.Level, Options.Threads, publishers, Stopping);

    public Reading Read(long count) => Reading.Of(Broker, count);

    /// <summary>The share of each publisher in what may be outstanding.</summary>
    public int Window(int publishers, int hearers) => Math.Max(1, Options.Outstanding / publishers / hearers);

    public static string Named(string prefix, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:D5}");
}
