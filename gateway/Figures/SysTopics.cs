using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Gateway.Figures;

/// <summary>
/// Tells the clients here that are subscribed below $SYS the figures of the cluster, every few seconds. While nobody is,
/// nobody is asked for them.
/// </summary>
internal sealed class SysTopics(
    IGrainFactory grains, Downlink downlink, IOptions<GatewayOptions> options, TimeProvider time, ILogger<SysTopics> log)
    : BackgroundService
{
    // A crowd that subscribes, or one client that does so again and again, asks the cluster no more often than this.
    private static readonly TimeSpan _freshness = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly long _started = time.GetTimestamp();
    private Task<MessageBatch>? _latest;
    private long _asked;
    private int _listeners;

    private bool IsOn => options.Value.SysTopicsInterval > TimeSpan.Zero;

    /// <summary>A subscription is in force, or is not any more.</summary>
    public void Count(string filter, int change)
    {
        if (SysTopic.Is(filter))
            Interlocked.Add(ref _listeners, change);
    }

    /// <summary>The figures as they are, or were a moment ago; nothing when they cannot be had.</summary>
    public Task<MessageBatch> ReadAsync()
    {
        if (!IsOn)
            return Task.FromResult(MessageBatch.Empty);

        lock (_gate)
        {
            if (_latest is null || (_latest.IsCompleted && time.GetElapsedTime(_asked) >= _freshness))
            {
                _asked = time.GetTimestamp();
                _latest = AskAsync();
            }

            return _latest;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsOn)
            return;

        using var ticks = new PeriodicTimer(options.Value.SysTopicsInterval, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            if (Volatile.Read(ref _listeners) > 0)
                await DeliverAsync(await ReadAsync());
        }
    }

    private ValueTask DeliverAsync(MessageBatch figures)
    {
        var run = downlink.Begin();
        foreach (var record in figures)
            run.Add(record);
        return run.Complete();
    }

    private async Task<MessageBatch> AskAsync()
    {
        try
        {
            var cluster = await grains.GetGrain<IBrokerGrain>(0).Statistics();
            return SysMessages.Of(cluster, time.GetElapsedTime(_started), time.GetUtcNow());
        }
        catch (Exception failure)
        {
            log.FiguresNotRead(failure.Message); // asked for again at the next tick
            return MessageBatch.Empty;
        }
    }
}
