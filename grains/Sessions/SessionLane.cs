using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// This silo's way to one session grain: one call in flight, and what gathers meanwhile is the next one. So the order of
/// a publisher's messages holds, and a crowd of publishers costs one call and one write.
/// </summary>
internal sealed class SessionLane(string clientId, SessionLanes lanes)
{
    private readonly Lock _gate = new();
    private RecordBlock _filling = new();
    private List<Copy> _copies = [];
    private bool _isRunning;

    /// <summary>Nothing has gathered and no call is on its way.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return !_isRunning && _filling.IsEmpty;
        }
    }

    public void Add(in MessageRecord record, QoS qos, StorageReceipt receipt, int index)
    {
        receipt.Expect(this);
        lock (_gate)
        {
            // Nobody need wait for QoS 0, so nobody would bound what gathers of it while the session cannot be reached.
            if (qos is QoS.AtMostOnce && _filling.Length > SessionLanes.MostWaitingQoS0)
            {
                lanes.DropQoS0();
                receipt.Stored(index, ReasonCode.Success);
                return;
            }

            if (!receipt.Source.HasFailed)
            {
                var copy = _filling.Add(record);
                MessageRecord.PatchFlags(copy, MessageRecord.WithQoS(record.Flags, qos));
                _copies.Add(new Copy(receipt, index));
                lanes.Gathered(1, copy.Length);
                return;
            }
        }

        receipt.Failed(new SourceFailedException());
    }

    /// <summary>Sends what has gathered, unless a call is on its way: then its end does.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_isRunning || _filling.IsEmpty)
                return;
            _isRunning = true;
        }

        // Nobody awaits the lane: each copy's receipt hears of its own end, and the loop itself cannot fail. It serves
        // everyone, so it must not stay on the scheduler of a grain that happened to start it.
        _ = TaskScheduler.Current == TaskScheduler.Default ? RunAsync() : Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (TryTake(out var records, out var copies))
        {
            var batch = MessageBatch.From(records);
            records.Release();
            try
            {
                var verdicts = await lanes.EnqueueAsync(clientId, batch, () => copies.TrueForAll(copy => copy.IsAbandoned));
                for (var i = 0; i < copies.Count; i++)
                    copies[i].Receipt.Stored(copies[i].Index, verdicts?[i] ?? ReasonCode.Success);
            }
            catch (Exception failure)
            {
                Fail(copies, failure);
            }
        }
    }

    private bool TryTake(out RecordBlock records, out List<Copy> copies)
    {
        lock (_gate)
        {
            records = _filling;
            copies = _copies;
            if (_filling.IsEmpty)
            {
                _isRunning = false;
                return false;
            }

            lanes.Gathered(-_filling.Count, -_filling.Length);
            _filling = new RecordBlock();
            _copies = [];
            return true;
        }
    }

    /// <summary>
    /// Ends the sources first, then everything of them that has gathered: a later message must not be stored when an
    /// earlier one was not (see <see cref="Mqtt.Ingress.PublicationSource.HasFailed"/>).
    /// </summary>
    private void Fail(List<Copy> copies, Exception failure)
    {
        lock (_gate)
        {
            copies.AddRange(_copies);
            lanes.Gathered(-_filling.Count, -_filling.Length);
            _filling.Release();
            _copies = [];
            foreach (var copy in copies)
                copy.Receipt.Source.Fail();
        }

        foreach (var copy in copies)
            copy.Receipt.Failed(failure);
    }

    private readonly record struct Copy(StorageReceipt Receipt, int Index)
    {
        public bool IsAbandoned => Receipt.Source.Gone.IsCancellationRequested;
    }
}

/// <summary>The source of a message has failed before; it is not heard any more.</summary>
internal sealed class SourceFailedException() : Exception("An earlier message of this publisher could not be stored.");
