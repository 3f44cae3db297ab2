using Orleans.Mqtt.Tests.Cluster.Nodes;

namespace Orleans.Mqtt.Tests.Cluster.Storms;

/// <summary>
/// Does faults to a cluster, several at once on different processes, but never to the last silo or gateway; and starts a
/// process again that has ended by itself, as whatever runs processes in production does.
/// </summary>
internal sealed class FaultInjector(TestCluster cluster, Action<string> say)
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _delay = TimeSpan.FromMilliseconds(30);

    private readonly HashSet<object> _struck = [];
    private readonly List<Task> _faults = [];

    /// <summary>How often a process ended by itself, such as a silo that learns that the others have given it up.</summary>
    public int Resignations { get; private set; }

    /// <summary>Those that were told to stop and did not.</summary>
    public List<string> Stubborn { get; } = [];

    /// <summary>Waits until the fault may happen, and starts it.</summary>
    public async Task InjectAsync(Fault fault, CancellationToken stopping)
    {
        var target = TargetOf(fault);
        while (!MayStrike(target))
            await Task.Delay(_tick, stopping);
        _struck.Add(target);
        _faults.RemoveAll(ended => ended.IsCompletedSuccessfully);
        _faults.Add(StrikeAsync(fault, target));
    }

    /// <summary>Returns when all faults are over and everything is ready.</summary>
    public async Task CalmAsync()
    {
        await Task.WhenAll(_faults);
        _faults.Clear();
    }

    /// <summary>Who is not ready.</summary>
    public async Task<string> MissingAsync()
    {
        var missing = new List<string>();
        foreach (var node in cluster.Nodes)
        {
            if (!await node.IsReadyAsync())
                missing.Add(node.IsRunning ? node.Name : $"{node.Name}, which does not run");
        }

        return string.Join("; ", missing);
    }

    /// <summary>Watches over the processes until it is told to stop.</summary>
    public async Task SuperviseAsync(CancellationToken stopping)
    {
        using var ticks = new PeriodicTimer(_tick);
        while (!stopping.IsCancellationRequested)
        {
            foreach (var node in cluster.Nodes.Where(node => !node.IsRunning && !_struck.Contains(node)))
                Revive(node);
            await ticks.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private object TargetOf(Fault fault) =>
        fault.IsOnSilo ? cluster.Silos[fault.Target]
        : fault.IsOnGateway ? cluster.Gateways[fault.Target]
        : cluster.Redis;

    private bool MayStrike(object target) => !_struck.Contains(target) && target switch
    {
        SiloNode => cluster.Silos.Count(silo => !_struck.Contains(silo)) > 1,
        GatewayNode => cluster.Gateways.Count(gateway => !_struck.Contains(gateway)) > 1,
        _ => true,
    };

    private async Task StrikeAsync(Fault fault, object target)
    {
        (target as GatewayNode)?.Entrance.BeginTrouble();
        switch (fault.Kind)
        {
            case FaultKind.KillSilo or FaultKind.KillGateway:
                await ((Node)target).KillAsync();
                await Task.Delay(fault.Lasts);
                break;
            case FaultKind.DrainSilo or FaultKind.DrainGateway:
                await TerminateAsync((Node)target);
                await Task.Delay(fault.Lasts);
                break;
            case FaultKind.PauseSilo or FaultKind.PauseGateway:
                ((Node)target).Pause();
                await Task.Delay(fault.Lasts);
                ((Node)target).Resume();
                break;
            case FaultKind.KillRedis:
                await cluster.Redis.KillAsync();
                await Task.Delay(fault.Lasts);
                break;
            case FaultKind.PauseRedis:
                cluster.Redis.Pause();
                await Task.Delay(fault.Lasts);
                break;
            default:
                await DisturbAsync(fault, LinesOf(fault, (Node)target));
                break;
        }

        if (target is Node node)
            await MendAsync(node);
        else
            await cluster.Redis.MendAsync();
        (target as GatewayNode)?.Entrance.EndTrouble();
        _struck.Remove(target);
    }

    private async Task TerminateAsync(Node node)
    {
        try
        {
            var ended = await node.TerminateAsync();
            if (ended.ExitCode != 0)
                say($"{node.Name} ended with {ended.ExitCode} when it was told to stop");
        }
        catch (OperationCanceledException)
        {
            Stubborn.Add(node.Name);
            say($"{node.Name} did not end when it was told to stop, and is killed");
            await node.KillAsync();
        }
    }

    private static IReadOnlyList<TcpProxy> LinesOf(Fault fault, Node node) =>
        fault.Kind is FaultKind.CutSilo or FaultKind.SlowSilo ? ((SiloNode)node).Lines : [node.RedisLine!];

    private static async Task DisturbAsync(Fault fault, IReadOnlyList<TcpProxy> lines)
    {
        foreach (var line in lines)
        {
            if (fault.Kind is FaultKind.SlowSilo)
                line.Delay = _delay;
            else
                line.Cut();
        }

        await Task.Delay(fault.Lasts);
        foreach (var line in lines)
            line.Heal(fault.Resets && fault.Kind is not FaultKind.SlowSilo);
    }

    /// <summary>A process that was held up may still find out that it has been given up, and end; then it is started again.</summary>
    private static async Task MendAsync(Node node)
    {
        while (true)
        {
            if (!node.IsRunning)
                node.Start();
            if (await node.IsReadyAsync())
                return;
            await Task.Delay(_tick);
        }
    }

    private void Revive(Node node)
    {
        Resignations++;
        say($"{node.Name} has ended by itself, and is started again");
        node.NoteTrouble();
        node.Start();
    }
}
