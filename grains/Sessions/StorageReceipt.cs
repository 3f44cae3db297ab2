using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>Counts the copies of one batch that are still to be stored, and ends the wait when none is left.</summary>
internal sealed class StorageReceipt(PublicationBatch batch)
{
    private readonly TaskCompletionSource _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<SessionLane> _lanes = [];
    private Exception? _failure;

    // One more than the copies until Collect, so that an early answer cannot end the wait.
    private int _outstanding = 1;

    public PublicationSource Source => batch.Source;

    /// <summary>One more copy is in a lane; the lane is new to this receipt when it was not the last one.</summary>
    public void Expect(SessionLane lane)
    {
        Interlocked.Increment(ref _outstanding);
        if (_lanes.Count == 0 || _lanes[^1] != lane)
            _lanes.Add(lane);
    }

    /// <summary>Starts the lanes and gives the wait for all copies.</summary>
    public ValueTask Collect()
    {
        foreach (var lane in _lanes)
            lane.Start();

        CountDown();
        return new ValueTask(_stored.Task);
    }

    public void Stored(int index, ReasonCode verdict)
    {
        // Several sessions answer for one message; what one could not take is what the publisher hears of.
        if (verdict is not ReasonCode.Success)
            batch[index] = verdict;
        CountDown();
    }

    public void Failed(Exception failure)
    {
        _failure = failure;
        CountDown();
    }

    private void CountDown()
    {
        if (Interlocked.Decrement(ref _outstanding) > 0)
            return;

        if (_failure is null)
            _stored.TrySetResult();
        else
            _stored.TrySetException(_failure);
    }
}
