using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>Makes lanes, and calls session grains, or the grains of shares, for them until a batch is safe or hopeless.</summary>
internal sealed class SessionLanes(
    IGrainFactory grains, IOptions<SessionOptions> options, TimeProvider time, BrokerMetrics metrics,
    ILogger<SessionLanes> log)
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(50), _longestPause = TimeSpan.FromSeconds(1);

    private readonly SessionReferences _sessions = new(grains);
    private long _waiting;
    private long _waitingBytes;

    /// <summary>Copies that wait in all lanes for the call that is out, and their bytes. Their publishers wait for them.</summary>
    public (long Messages, long Bytes) Waiting => (Interlocked.Read(ref _waiting), Interlocked.Read(ref _waitingBytes));

    public void Gathered(int messages, int bytes)
    {
        Interlocked.Add(ref _waiting, messages);
        Interlocked.Add(ref _waitingBytes, bytes);
    }

    /// <summary>Bytes that may wait in a lane before QoS 0 is dropped.</summary>
    public const int MostWaitingQoS0 = 1024 * 1024;

    public void DropQoS0() => metrics.QueueFull();

    public SessionLane Of(string clientId) => new(clientId, this);

    /// <summary>
    /// A failed call means that the outcome is unknown. It is repeated with the same records, which the session tells from
    /// new ones by publisher and sequence.
    /// </summary>
    public async Task<ReasonCode[]?> EnqueueAsync(string clientId, MessageBatch batch, Func<bool> isAbandoned)
    {
        var began = time.GetTimestamp();
        var pause = _firstPause;
        while (true)
        {
            try
            {
                return await EnqueueAsync(clientId, batch);
            }
            catch (Exception failure) when (!isAbandoned() && time.GetElapsedTime(began) < options.Value.StorePatience)
            {
                log.EnqueueFailed(batch.Count, failure.Message);
                metrics.EnqueueRetried();
            }

            await Task.Delay(pause, time);
            pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
        }
    }

    private Task<ReasonCode[]?> EnqueueAsync(string name, MessageBatch batch) => ShareNames.TryGetFilter(name, out var share)
        ? grains.GetGrain<IShareGrain>(share).Enqueue(batch)
        : _sessions.Of(name).Enqueue(batch);
}
