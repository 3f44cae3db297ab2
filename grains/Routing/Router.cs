using System.Runtime.CompilerServices;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Grains.Topics;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Mirroring;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>
/// A batch in, one run a gateway and one lane a session out. Runs on the caller's thread: no hop, no lock of its own and,
/// for messages that no persistent session wants, no allocation.
/// </summary>
internal sealed class Router(
    RouteTable table, RetainedMessages retained, DelayedMessages delayed, LinkRoom room, BrokerMetrics metrics,
    ITrafficMirror? mirror = null) : IIngress
{
    public ValueTask WaitForRoom() => room.WaitAsync();

    public ValueTask Admit(PublicationBatch batch) =>
        batch.HasRetained ? retained.Keep(batch) : ValueTask.CompletedTask;

    /// <summary>Counts messages that need not be routed.</summary>
    public void Count(int messages) => metrics.Routed(messages);

    /// <summary>
    /// Whether messages of QoS 0 on the topics of these records lead to no other place than a gateway's own clients, or nowhere.
    /// </summary>
    public bool LeadsOnlyTo(string gatewayId, ReadOnlySpan<byte> records, string publisher)
    {
        if (mirror is not null)
            return false;

        foreach (var record in new RecordEnumerator(records))
        {
            if (delayed.Takes(record.Topic) || !table.Match(record.Topic).LeadsOnlyTo(gatewayId, publisher))
                return false;
        }

        return true;
    }

    public ValueTask Route(PublicationBatch batch)
    {
        metrics.Routed(batch.Count);
        var runs = new DeliveryRuns(batch.Held);
        StorageReceipt? receipt = null;
        DelayedRun? waiting = null;
        var delivered = ValueTask.CompletedTask;
        var isAcknowledged = false;
        try
        {
            var index = 0;
            var group = new RecordGroup(batch.Records.Bytes);
            var matches = default(Matches);
            while (group.MoveNext())
            {
                runs.IsExpected = false;
                if (table.Match(group, matches) > group.Count / 2)
                    runs.Expect(group, matches[0]);

                var at = 0;
                foreach (var record in group)
                {
                    isAcknowledged |= record.QoS is not QoS.AtMostOnce;
                    if (delayed.Takes(record.Topic))
                        (waiting ??= delayed.Begin(batch)).Add(record, index);
                    else
                        Route(record, at, matches[at], batch, index, ref runs, ref receipt);
                    at++;
                    index++;
                }
            }
        }
        finally
        {
            delivered = runs.Complete();
        }

        // The lanes start when the whole batch is in them, so that it is one call a session.
        var stored = receipt is null ? ValueTask.CompletedTask : receipt.Collect();
        var kept = waiting is null ? ValueTask.CompletedTask : new ValueTask(waiting.KeepAsync());
        var mirrored = mirror is null ? ValueTask.CompletedTask : mirror.Mirror(waiting is null ? batch : WithoutDelayed(batch));
        if (!isAcknowledged)
            delivered = ValueTask.CompletedTask; // nobody waits for what is not acknowledged
        var isDone = mirrored.IsCompletedSuccessfully && kept.IsCompletedSuccessfully && delivered.IsCompletedSuccessfully;
        return isDone ? stored : All(delivered, mirrored, kept, stored);
    }

    /// <summary>What waits is mirrored once: when it is due, and under the topic that it is for.</summary>
    private PublicationBatch WithoutDelayed(PublicationBatch batch)
    {
        var rest = new PublicationBatch { Source = batch.Source, HasRetained = batch.HasRetained };
        foreach (var record in batch.Records)
        {
            if (!delayed.Takes(record.Topic))
                rest.Records.Add(record);
        }

        return rest;
    }

    private static async ValueTask All(ValueTask delivered, ValueTask mirrored, ValueTask kept, ValueTask stored)
    {
        await delivered;
        await mirrored;
        await kept;
        await stored;
    }

    private static void Route(
        in MessageRecord record, int at, RouteMatch match, PublicationBatch batch, int index, ref DeliveryRuns runs,
        ref StorageReceipt? receipt)
    {
        foreach (var gateway in match.Gateways)
        {
            if (gateway.Wants(record.QoS) && gateway.Gateway.Port is { } port)
                runs.Add(port, record, at);
        }

        foreach (var session in match.Sessions)
        {
            if (session.CopyOf(record.QoS, batch.Source.ClientId) is not { } qos)
                continue;

            receipt ??= new StorageReceipt(batch);
            session.Session.Lane.Add(record, qos, receipt, index);
        }

        foreach (var share in match.Shares)
            RouteShared(record, share, batch, index, ref runs, ref receipt);

        if (match.IsEmpty && record.QoS is not QoS.AtMostOnce)
            batch[index] = ReasonCode.NoMatchingSubscribers;
    }

    private static void RouteShared(
        in MessageRecord record, ShareDestination share, PublicationBatch batch, int index, ref DeliveryRuns runs,
        ref StorageReceipt? receipt)
    {
        if (record.QoS is not QoS.AtMostOnce && share.Queue is { } queue)
        {
            receipt ??= new StorageReceipt(batch);
            queue.Lane.Add(record, record.QoS, receipt, index);
        }
        else if (share.TryPick(record, out var port, out var place))
        {
            runs.To(port!).AddShared(record, place);
        }
    }

    [InlineArray(RecordGroup.Most)]
    private struct Matches
    {
        private RouteMatch _first;
    }

    /// <summary>The runs that are open. The first is held apart: most messages go to one gateway.</summary>
    private struct DeliveryRuns(HeldRecords? held)
    {
        private IGatewayPort? _firstPort;
        private IDeliveryRun? _first;
        private Dictionary<IGatewayPort, IDeliveryRun>? _others;

        /// <summary>Whether the first was told of the group that is being routed.</summary>
        public bool IsExpected { get; set; }

        public void Add(IGatewayPort port, in MessageRecord record, int at)
        {
            var run = To(port);
            if (IsExpected && run == _first)
                run.Add(record, at);
            else
                run.Add(record);
        }

        public IDeliveryRun To(IGatewayPort port)
        {
            if (_firstPort == port)
                return _first!;

            if (_firstPort is null)
            {
                _firstPort = port;
                return _first = port.Begin(held);
            }

            _others ??= [];
            if (!_others.TryGetValue(port, out var run))
                _others.Add(port, run = port.Begin(held));
            return run;
        }

        /// <summary>Tells the gateway that has most of the batch, or will have: other gateways look for themselves.</summary>
        public void Expect(in RecordGroup group, RouteMatch match)
        {
            if (_first is null && match.Gateways is [{ Gateway.Port: { } port }, ..])
                To(port);
            _first?.Expect(group);
            IsExpected = _first is not null;
        }

        public readonly ValueTask Complete()
        {
            var first = _first?.Complete() ?? ValueTask.CompletedTask;
            return _others is null ? first : All(first, _others.Values);
        }

        private static async ValueTask All(ValueTask first, IEnumerable<IDeliveryRun> others)
        {
            var completing = others.Select(run => run.Complete().AsTask()).ToArray();
            await first;
            await Task.WhenAll(completing);
        }
    }
}
