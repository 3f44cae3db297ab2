using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Client.Watching;

/// <summary>What silos call: a gateway that has watches where others have clients.</summary>
internal sealed partial class WatchObserver(WatchTable table) : IWatchObserver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _lastOf = [];
    private readonly Dictionary<Guid, long> _missedOf = [];

    // A silo that was given up as lost may come late with what another has delivered since.
    private readonly RepeatFilter _repeats = new();

    public Task Deliver(Guid outlet, long sequence, MessageBatch batch)
    {
        lock (_gate) // to the end: what comes at the same time from another silo keeps its own order
        {
            if (_lastOf.TryGetValue(outlet, out var last) && sequence <= last)
                return Task.CompletedTask;
            _lastOf[outlet] = sequence;
            foreach (var record in batch)
            {
                if (_repeats.IsNew(record))
                    table.Deliver(record);
            }
        }

        return Task.CompletedTask;
    }

    public Task Miss(Guid outlet, long total)
    {
        lock (_gate)
        {
            var missed = total - _missedOf.GetValueOrDefault(outlet);
            _missedOf[outlet] = total;
            if (missed > 0)
                table.ForEach(watch => watch.Miss(missed));
        }

        return Task.CompletedTask;
    }
}
