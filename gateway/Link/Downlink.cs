using System.Runtime.CompilerServices;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>What silos send to this gateway: live messages, parts of stored queues, the order to close.</summary>
internal sealed class Downlink(
    GatewayIdentity identity, SubscriberTable subscribers, ShareTable shares, ConnectionTable connections,
    GatewayMetrics metrics, IGatewayDesk desk)
    : IGatewayPort
{
    // A run belongs to one thread from Begin to Complete, so each thread keeps one for the next batch.
    [ThreadStatic]
    private static LiveRun? _idle;

    private readonly RepeatFilter _repeats = new();

    public string GatewayId => identity.Id;

    public IGatewayDesk Desk => desk;

    /// <summary>QoS 2 publishers that are remembered, and how many are at most.</summary>
    public (int Count, int Limit) Repeats => _repeats.Load;

    public IDeliveryRun Begin()
    {
        var run = _idle ?? new LiveRun();
        _idle = null;
        run.Begin(this);
        return run;
    }

    public ValueTask<bool> Offer(string clientId, long epoch, MessageBatch batch)
    {
        if (!connections.TryGet(clientId, epoch, out var connection))
            return ValueTask.FromResult(false);

        return ValueTask.FromResult(connection.DeliverQueued(batch));
    }

    public ValueTask<ShareAnswer> OfferShared(string clientId, long epoch, ShareOffer offer) => ValueTask.FromResult(
        connections.TryGet(clientId, epoch, out var connection)
            ? connection.Shared.Deliver(offer)
            : ShareAnswer.NotConnected);

    public ValueTask Disconnect(string clientId, long epoch, ReasonCode reason)
    {
        connections.Revoke(clientId, epoch)?.Close(reason);
        return ValueTask.CompletedTask;
    }

    private bool TryMatch(in RecordGroup group, Span<Subscriber[]?> answers) => subscribers.TryMatch(group, answers);

    private void Deliver(in MessageRecord record, Subscriber[]? known, LiveRun run)
    {
        if (record.Has(RecordFlags.Shared))
        {
            DeliverShared(record, record.Place, run);
            return;
        }

        if (record.Has(RecordFlags.ExactlyOnce) && !_repeats.IsNew(record))
            return;

        foreach (var subscriber in known ?? subscribers.Match(record.Topic))
        {
            switch (subscriber.Connection.DeliverLive(record, subscriber))
            {
                case Delivered.Written: run.Touch(subscriber.Connection.Outbox); break;
                case Delivered.Dropped: metrics.DroppedForSlowClient(); break;
                case Delivered.NotWanted: break;
            }
        }
    }

    /// <summary>To the member whose seat it is, or to the next that takes it.</summary>
    private void DeliverShared(in MessageRecord record, SharePlace place, LiveRun run)
    {
        var members = shares.MembersOf(place.Handle);
        for (var i = 0; i < members.Length; i++)
        {
            var subscriber = members[(int)(((uint)place.Seat + (uint)i) % (uint)members.Length)].ToSubscriber();
            if (subscriber.Connection.DeliverLive(record, subscriber) is not Delivered.Written)
                continue;
            run.Touch(subscriber.Connection.Outbox);
            return;
        }

        metrics.DroppedForSlowClient();
    }

    /// <summary>One batch: writes as it goes and flushes every touched connection once, at the end.</summary>
    private sealed class LiveRun : IDeliveryRun
    {
        private readonly List<Outbox> _touched = [];
        private Downlink? _downlink;
        private Answers _answers; // for those that are expected
        private int _expected;

        public void Begin(Downlink downlink) => _downlink = downlink;

        public void Expect(in RecordGroup group) => _expected = _downlink!.TryMatch(group, _answers) ? group.Count : 0;

        public void Add(in MessageRecord record) => _downlink!.Deliver(record, known: null, this);

        public void Add(in MessageRecord record, int place) =>
            _downlink!.Deliver(record, place < _expected ? _answers[place] : null, this);

        public void AddShared(in MessageRecord record, SharePlace place) => _downlink!.DeliverShared(record, place, this);

        public void Touch(Outbox outbox)
        {
            if (outbox.DirtyIn == this)
                return;
            outbox.DirtyIn = this;
            _touched.Add(outbox);
        }

        public ValueTask Complete()
        {
            foreach (var outbox in _touched)
                outbox.Flush();
            _touched.Clear();
            if (_expected > 0)
                _answers = default; // they hold connections
            _expected = 0;
            _downlink = null;
            _idle = this;
            return ValueTask.CompletedTask;
        }

        [InlineArray(RecordGroup.Most)]
        private struct Answers
        {
            private Subscriber[]? _first;
        }
    }
}

/// <summary>What became of a live message at one connection.</summary>
internal enum Delivered : byte
{
    Written,
    NotWanted,
    Dropped,
}
