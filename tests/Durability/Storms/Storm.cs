using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Audit;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Durability.Storms;

/// <summary>A broker under load that is killed again and again, started on what it left, and judged by what its clients saw.</summary>
internal sealed class Storm(StormOptions options, Action<string> say)
{
    private const int ShownLines = 60;
    private const int LeastProgress = 200;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(150);

    private readonly Random _random = new(options.Seed);

    public async Task<Findings> RunAsync()
    {
        say($"seed {options.Seed}, {options.Kills} kills, {(options.OnRedis ? "redis-server" : "embedded store")}");
        await using var redis = options.OnRedis ? new RedisProcess() : null;
        if (redis is not null)
            await redis.StartAsync();

        await using var broker = await TestBroker.StartAsync(Arguments(redis));
        await using var fleet = LoadFleet.Mixed(new Entrance(broker.Port), new LoadOptions { Seed = options.Seed, Rate = options.Rate });
        await fleet.StartAsync();
        for (var kill = 1; kill <= options.Kills && await IsMovingAsync(fleet.Chronicle); kill++)
        {
            await (options.CutsTheLog ? CutBeginsAsync(broker.Folder) : DelayAsync(0, 1_500));
            var before = $"{fleet.Chronicle.AcknowledgedCount} acknowledged, {fleet.Chronicle.ReceivedCount} received";
            say($"{kill,3}: {before}; {await StrikeAsync(broker, redis, kill)}");
        }

        var findings = await fleet.DrainAsync(_patience);
        say(findings.ToString());
        foreach (var line in findings.IsClean ? [] : broker.Output.Where(IsTrouble).TakeLast(ShownLines))
            say($"broker: {line}");
        return findings;
    }

    private async Task<string> StrikeAsync(TestBroker broker, RedisProcess? redis, int kill)
    {
        if (redis is not null && kill % 2 == 0)
            return await StrikeRedisAsync(broker, redis, withBroker: kill % 4 == 0);

        await broker.KillAsync();
        var what = "kill";
        if (_random.Next(4) == 0)
        {
            broker.StartUnready();
            await DelayAsync(50, 2_500);
            await broker.KillAsync();
            what += ", kill in the start";
        }

        await broker.RestartAsync();
        if (_random.Next(5) > 0)
            return what;

        await DelayAsync(100, 1_000);
        var ended = await broker.TerminateAsync();
        await broker.RestartAsync();
        return $"{what}, then an orderly restart (exit code {ended.ExitCode})";
    }

    private async Task<string> StrikeRedisAsync(TestBroker broker, RedisProcess redis, bool withBroker)
    {
        await redis.KillAsync();
        if (withBroker)
            await broker.KillAsync();
        await DelayAsync(0, 1_500);
        await redis.StartAsync();
        if (withBroker)
            await broker.RestartAsync();
        return withBroker ? "kill of redis-server and broker" : "kill of redis-server";
    }

    /// <summary>Waits for progress: a kill of a broker that does nothing yet would prove little.</summary>
    private static async Task<bool> IsMovingAsync(Chronicle chronicle)
    {
        var (acknowledged, received) = (chronicle.AcknowledgedCount, chronicle.ReceivedCount);
        using var patience = new CancellationTokenSource(_patience);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (chronicle.AcknowledgedCount - acknowledged < LeastProgress || chronicle.ReceivedCount - received < LeastProgress)
        {
            if (patience.IsCancellationRequested)
            {
                chronicle.Wonder("the broker was up and nothing moved");
                return false;
            }

            await ticks.WaitForNextTickAsync(CancellationToken.None);
        }

        return true;
    }

    /// <summary>Waits until the store begins new files, and a moment more.</summary>
    private async Task CutBeginsAsync(string folder)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(folder);
        watcher.Created += (_, _) => begun.TrySetResult();
        watcher.EnableRaisingEvents = true;
        await begun.Task.WaitAsync(_patience);
        await DelayAsync(0, 30);
    }

    private string[] Arguments(RedisProcess? redis)
    {
        // The storm is to find what gets lost, not what a full queue turns away.
        var arguments = new List<string> { "--Sessions:MaximumQueuedMessages=5000000" };
        if (redis is not null)
            arguments.AddRange(["--redis", redis.Address]);
        if (options.CutsTheLog)
            arguments.AddRange(["--EmbeddedStore:LogLimitBytes=1048576", "--EmbeddedStore:UpkeepInterval=00:00:00.1"]);
        return [.. arguments];
    }

    private static bool IsTrouble(string line) =>
        line.Contains("fail: ", StringComparison.Ordinal) || line.Contains("warn: ", StringComparison.Ordinal);

    private Task DelayAsync(int from, int to) => Task.Delay(_random.Next(from, to));
}
