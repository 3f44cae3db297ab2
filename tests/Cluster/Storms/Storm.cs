using System.Diagnostics;
using Orleans.Mqtt.Tests.Cluster.Load;
using Orleans.Mqtt.Tests.Cluster.Nodes;
using Orleans.Mqtt.Tests.Support.Audit;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Storms;

/// <summary>
/// A cluster under load to which faults are done, judged by what its clients saw. After every few faults all is mended, and
/// the time is taken until every publisher and every subscriber is served again.
/// </summary>
internal sealed class Storm(StormOptions options, Action<string> say)
{
    private const int FaultsBetweenCalms = 6;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Dictionary<FaultKind, int> _faults = [];
    private readonly List<TimeSpan> _recoveries = [];

    public async Task<Findings> RunAsync()
    {
        say($"seed {options.Seed}: {options.Plan.Silos} silos, {options.Plan.Gateways} gateways, {options.Clients} clients, "
            + $"{options.Rate} messages/s a publisher, {options.Length.TotalMinutes:0.#} minutes");
        await using var cluster = await TestCluster.StartAsync(options.Plan);
        var load = new LoadOptions
        {
            Seed = options.Seed,
            Rate = options.Rate,
            Pause = TimeSpan.FromMilliseconds(200),
            ConnectPatience = TimeSpan.FromSeconds(10),
            Patience = TimeSpan.FromSeconds(150),
            Loyalty = 1_000,
        };
        await using var fleet = Crowd.Mixed(cluster.Entrances, load, options.Clients);
        await fleet.StartAsync().WaitAsync(_patience);
        Tell("all clients are in");

        var injector = new FaultInjector(cluster, Tell);
        await WeatherAsync(fleet, injector);
        Tell("the storm is over");
        foreach (var name in injector.Stubborn)
            fleet.Chronicle.Wonder($"{name} did not end when it was told to stop");
        var findings = await fleet.DrainAsync(_patience);
        Report(fleet, findings, injector);
        if (!findings.IsClean)
            await KeepLogsAsync(cluster);
        return findings;
    }

    private async Task WeatherAsync(LoadFleet fleet, FaultInjector injector)
    {
        using var calm = new CancellationTokenSource();
        using var patience = new CancellationTokenSource(options.Length + _patience);
        var supervising = injector.SuperviseAsync(calm.Token);
        var begun = Stopwatch.GetTimestamp();
        var isMoving = true;
        var count = 0;
        foreach (var fault in new FaultPlan(options).All())
        {
            if (!isMoving || Stopwatch.GetElapsedTime(begun) > options.Length)
                break;

            await injector.InjectAsync(fault, patience.Token);
            Tell($"{fault} ({fleet.Chronicle.AcknowledgedCount} acknowledged, {fleet.Chronicle.ReceivedCount} received)");
            _faults[fault.Kind] = _faults.GetValueOrDefault(fault.Kind) + 1;
            await Task.Delay(fault.Gap, patience.Token);
            if (++count % FaultsBetweenCalms == 0)
                isMoving = await RecoverAsync(fleet, injector);
        }

        if (isMoving)
            await RecoverAsync(fleet, injector);
        await calm.CancelAsync();
        await supervising;
    }

    /// <summary>False when the cluster does not come back: then more faults would prove nothing.</summary>
    private async Task<bool> RecoverAsync(LoadFleet fleet, FaultInjector injector)
    {
        try
        {
            await injector.CalmAsync().WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            var missing = $"not ready within {_patience.TotalSeconds} s: {await injector.MissingAsync()}";
            fleet.Chronicle.Wonder(missing);
            Tell(missing);
            return false;
        }

        var service = new ServiceWatch(fleet.Chronicle);
        var began = Stopwatch.GetTimestamp();
        if (!await service.UntilFullAsync(_patience))
        {
            fleet.Chronicle.Wonder($"everything ran, and was not served for {_patience.TotalSeconds} s: {service}");
            return false;
        }

        _recoveries.Add(Stopwatch.GetElapsedTime(began));
        Tell($"all is served again after {_recoveries[^1].TotalSeconds:0.0} s");
        return true;
    }

    private void Report(LoadFleet fleet, Findings findings, FaultInjector injector)
    {
        var kinds = string.Join(", ", _faults.OrderBy(fault => fault.Key).Select(fault => $"{fault.Value} {fault.Key}"));
        say($"{_faults.Values.Sum()} faults: {kinds}; {injector.Resignations} processes ended by themselves");
        say($"served again after mending: median {Median(_recoveries).TotalSeconds:0.0} s, "
            + $"longest {_recoveries.DefaultIfEmpty().Max().TotalSeconds:0.0} s");
        say($"{fleet.Chronicle.Visits.Count} connections, {fleet.Clients.Sum(client => client.LostConnections)} lost");
        say(findings.ToString());
    }

    private static TimeSpan Median(List<TimeSpan> times) =>
        times.Count == 0 ? TimeSpan.Zero : times.Order().ElementAt(times.Count / 2);

    private async Task KeepLogsAsync(TestCluster cluster)
    {
        if (options.Logs is null)
            return;

        Directory.CreateDirectory(options.Logs);
        foreach (var node in cluster.Nodes)
            await File.WriteAllLinesAsync(Path.Combine(options.Logs, node.Name.Replace(' ', '-') + ".log"), node.Output);
        say($"what the processes said is in {options.Logs}");
    }

    private void Tell(string what) => say($"[{Stopwatch.GetElapsedTime(_began).TotalSeconds,6:0.0}] {what}");
}
