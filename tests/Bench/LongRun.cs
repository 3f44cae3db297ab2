using System.Globalization;
using Orleans.Mqtt.Tests.Bench.Brokers;
using Orleans.Mqtt.Tests.Bench.Report;
using Orleans.Mqtt.Tests.Bench.Scenarios;

namespace Orleans.Mqtt.Tests.Bench;

/// <summary>One scenario for many minutes, with a look at the broker's memory now and then: does it grow?</summary>
internal sealed class LongRun(BenchOptions options, CancellationToken stopping)
{
    private const double BytesAMebibyte = 1024 * 1024;

    private readonly BenchOptions _options = options with { Time = options.LongRun };

    /// <summary>False if anything was lost, repeated or out of order, or the run broke.</summary>
    public async Task<bool> RunAsync(IScenario scenario, Recipe peer)
    {
        var samples = new List<double?>();
        var all = await Series.MeasureAsync(
            _options, scenario, peer, broker => MeasureAsync(scenario, broker, samples), stopping);
        foreach (var figures in all)
        {
            Console.WriteLine(
                $"{figures.Scenario} {peer.Name}: {Column.Format(figures.Rate)}/s, "
                + $"{Column.Format(figures.PerCpuSecond)} a CPU s, faults: {figures.Faults} {figures.Note}");
        }

        var third = samples.Count / 3;
        if (third > 0)
        {
            var first = Summary.Median(samples.Take(third))!.Value;
            var last = Summary.Median(samples.TakeLast(third))!.Value;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{peer.Name} RSS: {first:0.0} MiB in the first third, {last:0.0} in the last, {Grown(first, last)}"));
        }

        return all.All(figures => figures.Note is null && figures.Faults.IsNone);
    }

    private static string Grown(double first, double last) =>
        (last / first - 1).ToString("+0.0%;-0.0%", CultureInfo.InvariantCulture);

    private async Task<IReadOnlyList<Figures>> MeasureAsync(IScenario scenario, Broker broker, List<double?> samples)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var sampling = SampleAsync(broker, samples, over.Token);
        try
        {
            return await scenario.MeasureAsync(new Run(broker, _options, stopping));
        }
        finally
        {
            await over.CancelAsync();
            await sampling;
        }
    }

    private async Task SampleAsync(Broker broker, List<double?> samples, CancellationToken over)
    {
        try
        {
            // While it warms up it is meant to grow.
            await Task.Delay(_options.WarmUp, over);
            while (true)
            {
                var mebibytes = broker.Usage.ResidentBytes / BytesAMebibyte;
                samples.Add(mebibytes);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{broker.Recipe.Name} RSS {mebibytes:0.0} MiB"));
                await Task.Delay(_options.SampleEvery, over);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over, and so is watching it.
        }
    }
}
