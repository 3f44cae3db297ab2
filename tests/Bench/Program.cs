using System.Globalization;
using System.Runtime.InteropServices;
using Orleans.Mqtt.Tests.Bench;
using Orleans.Mqtt.Tests.Bench.Brokers;
using Orleans.Mqtt.Tests.Bench.Micro;
using Orleans.Mqtt.Tests.Bench.Report;
using Orleans.Mqtt.Tests.Bench.Scenarios;
using Typed = Orleans.Mqtt.Tests.Bench.CommandLine; // BenchmarkDotNet brings a namespace of that name

if (args is [MqttNetRecipe.Command, var port, var mostPending])
{
    await MqttNetRecipe.ServeAsync(
        int.Parse(port, CultureInfo.InvariantCulture), int.Parse(mostPending, CultureInfo.InvariantCulture));
    return 0;
}

if (args is [MicroBenchmarks.Command, .. var others])
{
    MicroBenchmarks.Run(others);
    return 0;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
try
{
    return await RunAsync(Typed.Parse(args), stop.Token) ? 0 : 1;
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine($"{wrong.Message}\n{Typed.Usage}");
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    // Asked to end. Brokers and folders are gone by now, for they are disposed of on the way here.
    return 130;
}

void Cancel(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

static async Task<bool> RunAsync(BenchOptions options, CancellationToken stopping)
{
    if (options.IsSelfCheck)
    {
        options = SelfCheck.Shorten(options);
        if (!SelfCheck.AuditSeesFaults())
            return false;
    }

    var scenarios = Catalogue.Choose(options);
    Recipe[] peers = [.. options.Peers.Select(name => Recipe.Find(name, options))];
    if (peers.FirstOrDefault(peer => peer.Obstacle is not null) is { } missing)
        throw new ArgumentException($"{missing.Name}: {missing.Obstacle}.");

    if (options.LongRun > TimeSpan.Zero)
        return await RunLongAsync(options, scenarios, peers, stopping);

    var series = new Series(options, stopping);
    await series.RunAsync(scenarios, peers);
    Console.WriteLine();
    Console.WriteLine(Page.Render(options, series.Summaries));
    if (options.Committed is not null)
        Console.WriteLine(Comparison.Render(series.Summaries, Comparison.Read(options.Committed)));

    return series.Summaries.Where(options.IsSelfCheck ? _ => true : IsOurs).All(IsClean);
}

static async Task<bool> RunLongAsync(
    BenchOptions options, IReadOnlyList<IScenario> scenarios, Recipe[] peers, CancellationToken stopping)
{
    var isClean = true;
    foreach (var scenario in scenarios)
    {
        foreach (var peer in peers)
            isClean &= await new LongRun(options, stopping).RunAsync(scenario, peer);
    }

    return isClean;
}

// A peer's faults are in the table; only our own make the command fail.
static bool IsOurs(Summary summary) => summary.Broker.StartsWith("ours", StringComparison.Ordinal);

static bool IsClean(Summary summary) => summary.Medians.Note is null && summary.Medians.Faults.IsNone;
