using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>
/// The link to a gateway in another process: live messages gather while the last batch is on its way, and one call
/// carries them. A batch is sent until the gateway has it or is gone.
/// </summary>
internal sealed class RemoteGateway(
    string gatewayId, IGatewayObserver observer, RemoteGatewayOptions options, BrokerMetrics metrics, TimeProvider time,
    ILogger log) : IGatewayPort
{
    private readonly Guid _outlet = Guid.NewGuid();
    private readonly Lock _gate = new();
    private RecordBlock _filling = new();
    private TaskCompletionSource _next = NewSource();
    private long _sequence;
    private bool _isSending;
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

    public IDeliveryRun Begin() => new Run(this);

    public async ValueTask<bool> Offer(string clientId, long epoch, MessageBatch batch) =>
        !_isGone && await observer.Offer(clientId, epoch, batch);

    /// <summary>
    /// A gateway that does not answer is asked until its lease is over: then it has closed its connections itself.
    /// </summary>
    public async ValueTask Disconnect(string clientId, long epoch, ReasonCode reason)
    {
        while (!_isGone)
        {
            try
            {
                await observer.Disconnect(clientId, epoch, reason);
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
    public void End() => _isGone = true;

    private void Add(in MessageRecord record)
    {
        lock (_gate)
        {
            // The bound of the link. What is acknowledged is bounded by its publishers, who wait for it.
            if (_filling.Length >= options.MaximumWaitingBytes && record.QoS is QoS.AtMostOnce)
                metrics.DroppedForSlowGateway();
            else
                _filling.Add(record);
        }
    }

    private ValueTask Send()
    {
        Task told;
        lock (_gate)
        {
            if (_filling.IsEmpty)
                return ValueTask.CompletedTask;
            told = _next.Task;
            if (_isSending)
                return new ValueTask(told);
            _isSending = true;
        }

        // It serves every publisher, so it must not stay on the scheduler of a grain that happened to start it.
        _ = TaskScheduler.Current == TaskScheduler.Default ? SendAllAsync() : Task.Run(SendAllAsync);
        return new ValueTask(told);
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
                await observer.Deliver(_outlet, sequence, batch);
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

    private sealed class Run(RemoteGateway gateway) : IDeliveryRun
    {
        public void Add(in MessageRecord record) => gateway.Add(record);

        public ValueTask Complete() => gateway.Send();
    }
}
