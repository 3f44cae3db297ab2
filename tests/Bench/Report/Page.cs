using System.Globalization;

namespace Orleans.Mqtt.Tests.Bench.Report;

/// <summary>All tables of a series, with the machine and the settings that they hold for.</summary>
internal static class Page
{
    public static string Render(BenchOptions options, IReadOnlyList<Summary> summaries)
    {
        var rounds = summaries.Select(summary => summary.Rounds).DefaultIfEmpty().Max();
        var (cores, threads) = (Environment.ProcessorCount, options.Threads);
        var (time, warmUp) = (options.Time.TotalSeconds, options.WarmUp.TotalSeconds);
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            # End-to-end benchmark

            {Processor()}, {cores} cores, shared by broker and generator ({threads} thread(s)).
            Medians of {rounds} rounds, {time} s each after {warmUp} s of warm-up.
            MQTT {(options.Level is Wire.Packets.Level5 ? "5" : "3.1.1")}, {options.PayloadSize}-byte payloads, {options.Connections} connections a side,
            {options.Outstanding:#,0} deliveries outstanding in all,
            {options.InFlightQoS1} (QoS 1) or {options.InFlightQoS2} (QoS 2) messages in flight a publisher.
            Faults are summed over all rounds.
            """);
        var tables = MarkdownTable.All.Select(table => table.Render(summaries)).Where(table => table.Length > 0);
        return string.Join('\n', [head + "\n", .. tables]);
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?
            .Split(':', 2)[1].Trim() ?? "Unknown processor";
}
