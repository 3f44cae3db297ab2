using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

/// <summary>What a session has, its client gets, however soon the store answers: also before anyone has begun to wait.</summary>
public class SessionDeliveryTests
{
    private const int Window = 8;

    private readonly List<long> _delivered = [];
    private readonly SessionDelivery _delivery;

    public SessionDeliveryTests()
    {
        var queue = new SessionQueue(messagesInMemory: 64);
        queue.Load(head: 0, count: 0, first: [], sentBelow: 0, released: new HashSet<long>());
        _delivery = new SessionDelivery(
            new SessionJournal(new InstantStore(), Claim(), failure => throw failure), queue, new SeenPublishers(16),
            new SessionOptions(), new BrokerMetrics(Meters.None), TimeProvider.System);
        _delivery.Connect(Window, batch =>
        {
            foreach (var record in batch)
                _delivered.Add(record.Position);
            return ValueTask.FromResult(true);
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Window)]
    [InlineData(3 * Window)]
    public void What_is_stored_at_once_is_delivered(int batch)
    {
        for (var sent = batch; sent <= 30 * batch; sent += batch)
        {
            Assert.True(_delivery.EnqueueAsync(BatchOf(batch)).IsCompletedSuccessfully);
            Acknowledge();
            Assert.Equal(sent, _delivered.Count);
        }

        Assert.Equal(Enumerable.Range(0, 30 * batch).Select(position => (long)position), _delivered);
        Assert.Equal(0, _delivery.Queue.Count);
    }

    private static MessageBatch BatchOf(int count) =>
        Records.Batch([.. Enumerable.Repeat(Records.Of(qos: QoS.AtLeastOnce), count)]);

    // As many as are out, and what the room brings, until nothing is.
    private void Acknowledge()
    {
        for (var done = _delivery.Queue.Head; done < _delivered.Count; done++)
            Assert.True(_delivery.SettleAsync([new Settlement(done, SettlementKind.Acknowledged)]).IsCompletedSuccessfully);
    }

    private static SessionClaim Claim() => new()
    {
        ClientId = "c",
        Owner = 1,
        IsNew = true,
        LastEpoch = 0,
        Fields = [],
        FirstRecords = [],
        QueueLength = 0,
        OwnerKey = [],
        StateKey = [],
        QueueKey = [],
        LastEpochKey = [],
    };

    private sealed class InstantStore : ISessionStore
    {
        public Task Commit(SessionClaim claim, in SessionChange change) => Task.CompletedTask;

        public Task<IReadOnlyList<byte[]>> ReadQueue(SessionClaim claim, long index, int count) =>
            throw new InvalidOperationException("All of it is in memory.");

        public Task<bool> Delete(SessionClaim claim, long lastEpoch = 0) => Task.FromResult(true);
    }
}
