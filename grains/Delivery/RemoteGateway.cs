using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>
/// The link to a gateway in another process: live messages gather while the last batch is on its way, and one call
/// carries them. A batch is sent until the gateway has it or is gone. A process that only watches holds nobody up: what there is
/// no room for is counted, and it is told how much.
/// </summary>
internal sealed class RemoteGateway(
    string gatewayId, IGatewayObserver observer, RemoteGatewayOptions options, LinkRoom room, BrokerMetrics metrics,
    TimeProvider time, ILogger log) : IGatewayPort
{
    private readonly Guid _outlet = Guid.NewGuid();
    private readonly IWatchObserver? _watcher = observer as IWatchObserver;
    private readonly Signal _gone = new();
    private readonly Lock _gate = new();
    private RecordBlock _filling = new();
    private TaskCompletionSource _next = NewSource();
    private long _sequence;
    private long _missed;
    private long _missedToTell;
    private long _missedTold;
    private bool _isSending;
    private bool _isFull;
    private volatile bool _isGone;

    public string GatewayId => gatewayId;

    public IGatewayDesk Desk => observer;

    /// <summary>Bytes that wait for the batch that is on its way.</summary>
    public int WaitingBytes
    {
        get
        {
            lock (_gate)
                return _filling.Length;
        }
    }

    public IDeliveryRun Begin() => Begin(held: null);

    public IDeliveryRun Begin(HeldRecords? held) => new Run(this, held?.GatewayId == gatewayId ? held : null);

    public async ValueTask<bool> Offer(string clientId, long epoch, MessageBatch batch) =>
        !_isGone && await _gone.Race(Outside(() => observer.Offer(clientId, epoch, batch)));

    public async ValueTask<ShareAnswer> OfferShared(string clientId, long epoch, ShareOffer offer) =>
        _isGone ? ShareAnswer.NotConnected : await _gone.Race(Outside(() => observer.OfferShared(clientId, epoch, offer)));

    /// <summary>
    /// A gateway that does not answer is asked until its lease is over: then it has closed its connections itself.
    /// </summary>
    public async ValueTask Disconnect(string clientId, long epoch, ReasonCode reason)
    {
        while (!_isGone)
        {
            try
            {
                await _gone.Race(Outside(async () =>
                {
                    await observer.Disconnect(clientId, epoch, reason);
                    return true;
                }));
                return;
            }
            catch (Exception failure)
            {
                log.GatewayNotReached(gatewayId, failure.Message);
            }

            await Task.Delay(options.RetryPause, time);
        }
    }

    /// <summary>The lease has ended: nothing is sent any more, and nobody waits.</summary>
    public void End()
    {
        _isGone = true;
        _gone.Set();
    }

    /// <summary>
    /// Calls as the silo, not as a grain: Orleans sends a client's answer to where the silo that receives it believes the
    /// grain to be, which for one that has moved may be wrong for minutes. Then the answer is lost.
    /// </summary>
    private static Task<T> Outside<T>(Func<Task<T>> call) => Task.Run(call);

    /// <summary>Returns what ends when the gateway has it.</summary>
    private Task Add(in MessageRecord record, SharePlace? place = null)
    {
        lock (_gate)
        {
            // The bound of the link: QoS 0 is dropped beyond it, and whoever brings what is acknowledged is held up.
            var isFull = _filling.Length >= options.MaximumWaitingBytes;
            if (isFull && (record.QoS is QoS.AtMostOnce || _watcher is not null))
            {
                _missed++;
                metrics.DroppedForSlowGateway();
                return Task.CompletedTask;
            }

            Append(record, place);
            if (isFull && !_isFull)
            {
                _isFull = true;
                room.Fill();
            }

            return Told;
        }
    }

    /// <summary>Not bounded here: the lane to which it refers has nothing else under way.</summary>
    private Task Add(in RecordReference reference)
    {
        lock (_gate)
        {
            reference.WriteTo(_filling.Add(RecordReference.Size));
            return Told;
        }
    }

    // Nobody waits for a process that only watches.
    private Task Told => _watcher is null ? _next.Task : Task.CompletedTask;

    private void Append(in MessageRecord record, SharePlace? place)
    {
        var copy = _filling.Add(record);
        if (place is { } shared)
            MessageRecord.PatchPlace(copy, shared);
    }

    private void Send()
    {
        lock (_gate)
        {
            if (_isSending || _filling.IsEmpty)
                return;
            _isSending = true;
        }

        // It serves every publisher, so it must not stay on the scheduler of a grain that happened to start it.
        _ = TaskScheduler.Current == TaskScheduler.Default ? SendAllAsync() : Task.Run(SendAllAsync);
    }

    private async Task SendAllAsync()
    {
        while (TryTake(out var batch, out var told))
        {
            await DeliverAsync(batch, ++_sequence);
            told.SetResult();
        }
    }

    private bool TryTake(out MessageBatch batch, out TaskCompletionSource told)
    {
        RecordBlock taken;
        lock (_gate)
        {
            batch = MessageBatch.Empty;
            told = _next;
            if (_filling.IsEmpty)
                return _isSending = false;

            taken = _filling;
            _filling = new RecordBlock();
            _next = NewSource();
            _missedToTell = _missed;
            if (_isFull)
                room.Free();
            _isFull = false;
        }

        batch = MessageBatch.From(taken);
        taken.Release();
        return true;
    }

    private async Task DeliverAsync(MessageBatch batch, long sequence)
    {
        while (!_isGone)
        {
            try
            {
                if (_watcher is not null && _missedToTell != _missedTold)
                    await _gone.Race(_watcher.Miss(_outlet, _missedToTell));
                _missedTold = _missedToTell;
                await _gone.Race(observer.Deliver(_outlet, sequence, batch));
                return;
            }
            catch (Exception failure)
            {
                log.GatewayNotReached(gatewayId, failure.Message);
            }

            await Task.Delay(options.RetryPause, time);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Run(RemoteGateway gateway, HeldRecords? held) : IDeliveryRun
    {
        private Task _told = Task.CompletedTask;
        private RecordReference _reference; // to the last records, side by side, that the gateway has itself

        public void Add(in MessageRecord record)
        {
            if (held is null || !held.TryRefer(record, out var next))
            {
                AddReference();
                _told = gateway.Add(record);
            }
            else if (_reference.Adjoins(next))
            {
                _reference = _reference with { Length = _reference.Length + next.Length };
            }
            else
            {
                AddReference();
                _reference = next;
            }
        }

        public void AddShared(in MessageRecord record, SharePlace place)
        {
            AddReference();
            _told = gateway.Add(record, place);
        }

        public ValueTask Complete()
        {
            AddReference();
            if (held is null || held.WithAnswer is not null)
                gateway.Send();
            else
                held.Send ??= gateway.Send;
            return new ValueTask(_told);
        }

        private void AddReference()
        {
            if (_reference.Length == 0)
                return;

            if (held!.WithAnswer is { } references)
                references.AddRange([_reference.Offset, _reference.Length]);
            else
                held.Delivered = _told = gateway.Add(_reference);
            _reference = default;
        }
    }
}
