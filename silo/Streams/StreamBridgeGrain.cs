using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Client.Watching;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Streams;
using Orleans.Streams.PubSub;

namespace Orleans.Mqtt.Silo.Streams;

/// <summary>Watches one filter and puts what comes into its stream, until nobody is subscribed any more.</summary>
internal sealed class StreamBridgeGrain(MqttCluster cluster, IOptions<StreamsOptions> options, ILogger<StreamBridgeGrain> log)
    : Grain, IStreamBridgeGrain
{
    private const int LooksBeforeTheEnd = 2;

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(30);

    private TopicWatch? _watch;
    private Task _carrying = Task.CompletedTask;
    private int _looksInVain;

    private string Filter => this.GetPrimaryKeyString();

    public Task Open()
    {
        _looksInVain = 0; // whoever opens has yet to subscribe
        return Wake();
    }

    public async Task Wake()
    {
        if (_watch is not null)
            return;

        _watch = await cluster.WatchAsync(Filter);
        _carrying = CarryAsync(_watch);
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        this.RegisterGrainTimer(LookAsync, new() { DueTime = _interval, Period = _interval });
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_watch is not null)
            await _watch.DisposeAsync();
        await _carrying;
    }

    private async Task CarryAsync(TopicWatch watch)
    {
        var stream = this.GetStreamProvider(MqttStreams.Carrier).GetStream<Message>(StreamId.Create(MqttStreams.Namespace, Filter));
        await foreach (var message in watch)
        {
            try
            {
                await stream.OnNextAsync(message);
            }
            catch (Exception failure)
            {
                log.StreamMissed(Filter, failure.Message);
            }
        }
    }

    /// <summary>Twice in vain, since a subscriber opens the filter a moment before it subscribes.</summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Filters.Contains(Filter))
            return;

        if (!this.GetStreamProvider(MqttStreams.Carrier).TryGetStreamSubscriptionManager(out var subscriptions))
            return;

        var found = await subscriptions.GetSubscriptions(MqttStreams.Carrier, StreamId.Create(MqttStreams.Namespace, Filter));
        _looksInVain = found.Any() ? 0 : _looksInVain + 1;
        if (_looksInVain < LooksBeforeTheEnd)
            return;

        await GrainFactory.GetGrain<IStreamRegistryGrain>(0).Close(Filter);
        DeactivateOnIdle();
    }
}
