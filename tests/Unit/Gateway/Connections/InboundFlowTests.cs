using System.Buffers;
using System.Text;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public sealed class InboundFlowTests : IDisposable
{
    private readonly Wire _wire = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly TaskCompletionSource<Exception> _failed = new();
    private readonly Queue<TaskCompletionSource> _stores = new();
    private readonly List<string> _sessionCalls = [];
    private TestGateway _gateway = new();
    private Outbox? _outbox;

    [Fact]
    public async Task What_is_safe_at_once_is_acknowledged_at_once()
    {
        var flow = New();
        Publish(flow, 1, QoS.AtLeastOnce);
        Publish(flow, 0, QoS.AtMostOnce);
        Publish(flow, 2, QoS.ExactlyOnce);
        await flow.SendAsync();

        Assert.Equal(["PUBACK 1", "PUBREC 2"], Said());
        Assert.Equal(["1", "0", "2"], _gateway.Ingress.Routed);
    }

    [Fact]
    public async Task Acknowledgements_leave_in_the_order_of_the_messages_though_later_ones_are_safe_first()
    {
        var flow = New(storesSlowly: true);
        for (ushort id = 1; id <= 3; id++)
        {
            Publish(flow, id, QoS.AtLeastOnce);
            await flow.SendAsync();
        }

        var stores = _stores.ToArray();
        stores[2].SetResult();
        stores[1].SetResult();
        Assert.Empty(Said());
        stores[0].SetResult();

        Assert.Equal(["PUBACK 1", "PUBACK 2", "PUBACK 3"], await _wire.HearsAsync(3));
    }

    [Fact]
    public async Task A_QoS_2_message_that_is_sent_again_before_its_PUBREL_is_routed_once_and_answered_twice()
    {
        var flow = New();
        Publish(flow, 5, QoS.ExactlyOnce);
        await flow.SendAsync();
        Publish(flow, 5, QoS.ExactlyOnce, payload: "again");
        await flow.SendAsync();
        Assert.Equal(["5"], _gateway.Ingress.Routed);
        Assert.Equal(["PUBREC 5", "PUBREC 5"], Said());

        flow.OnPubRel(5);
        Publish(flow, 5, QoS.ExactlyOnce, payload: "new");
        await flow.SendAsync();
        Assert.Equal(["5", "new"], _gateway.Ingress.Routed);
        Assert.Equal(["PUBCOMP 5", "PUBREC 5"], Said());
    }

    [Fact]
    public async Task A_message_that_is_not_allowed_is_acknowledged_and_goes_nowhere()
    {
        var flow = New();
        var frame = Bytes.OnlyFrame(Packet(1, QoS.AtLeastOnce, "x", retain: false));
        flow.Refuse(PublishPacket.Read(frame, ProtocolVersion.V311), ReasonCode.NotAuthorized);
        await flow.SendAsync();

        Assert.Equal(["PUBACK 1"], Said());
        Assert.Empty(_gateway.Ingress.Routed);
    }

    [Fact]
    public async Task A_client_with_too_much_unanswered_is_not_read_until_something_is()
    {
        _gateway = new TestGateway(options: new GatewayOptions { MaximumUnansweredBatches = 2 });
        var flow = New(storesSlowly: true);
        Publish(flow, 1, QoS.AtLeastOnce);
        await flow.SendAsync();
        Publish(flow, 2, QoS.AtLeastOnce);
        var second = flow.SendAsync().AsTask();
        Assert.False(second.IsCompleted);

        _stores.Dequeue().SetResult();

        await second.Soon();
    }

    [Fact]
    public async Task A_client_that_goes_away_does_not_wait_for_room()
    {
        _gateway = new TestGateway(options: new GatewayOptions { MaximumUnansweredBatches = 1 });
        var flow = New(storesSlowly: true);
        Publish(flow, 1, QoS.AtLeastOnce);
        var waiting = flow.SendAsync().AsTask();

        await _gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
    }

    [Fact]
    public async Task What_could_not_be_stored_is_not_acknowledged_and_ends_the_connection()
    {
        var flow = New(storesSlowly: true);
        Publish(flow, 1, QoS.AtLeastOnce);
        await flow.SendAsync();
        _stores.Dequeue().SetException(new TimeoutException());

        Assert.IsType<TimeoutException>(await _failed.Task.Soon());
        Assert.Empty(Said());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_overtakes_what_could_not_be_handed_in(bool isOnItsWayAlready)
    {
        var admitted = new TaskCompletionSource();
        _gateway.Ingress.OnAdmit = batch => batch.HasRetained ? new ValueTask(admitted.Task) : ValueTask.CompletedTask;
        var flow = New();
        Publish(flow, 1, QoS.AtLeastOnce, payload: "kept", retain: true);
        await flow.SendAsync();
        if (isOnItsWayAlready)
        {
            Publish(flow, 2, QoS.AtLeastOnce);
            await flow.SendAsync();
        }

        admitted.SetException(new TimeoutException());
        await _failed.Task.Soon();
        if (!isOnItsWayAlready)
        {
            Publish(flow, 2, QoS.AtLeastOnce);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flow.SendAsync().AsTask());
        }

        Assert.Empty(_gateway.Ingress.Routed);
        Assert.Empty(Said());
    }

    [Fact]
    public async Task Messages_behind_a_retained_one_wait_until_it_is_stored()
    {
        var admitted = new TaskCompletionSource();
        _gateway.Ingress.OnAdmit = batch => batch.HasRetained ? new ValueTask(admitted.Task) : ValueTask.CompletedTask;
        var flow = New();
        Publish(flow, 1, QoS.AtLeastOnce, payload: "kept", retain: true);
        await flow.SendAsync();
        Publish(flow, 2, QoS.AtLeastOnce);
        await flow.SendAsync();
        Assert.Empty(_gateway.Ingress.Routed);

        admitted.SetResult();

        Assert.Equal(["PUBACK 1", "PUBACK 2"], await _wire.HearsAsync(2));
        Assert.Equal(["kept", "2"], _gateway.Ingress.Routed);
    }

    [Fact]
    public async Task A_persistent_publishers_QoS_2_is_noted_before_it_is_routed_and_forgotten_before_PUBCOMP()
    {
        var flow = New(isPersistent: true);
        var sequences = new List<ulong>();
        _gateway.Ingress.OnRoute = batch =>
        {
            if (batch.Count > 0)
                _sessionCalls.Add("route");
            foreach (var record in batch.Records)
                sequences.Add(record.Sequence);
            return ValueTask.CompletedTask;
        };
        Publish(flow, 8, QoS.ExactlyOnce);
        Publish(flow, 9, QoS.AtLeastOnce);
        Publish(flow, 7, QoS.ExactlyOnce);
        await flow.SendAsync();
        Assert.Equal(["PUBREC 8", "PUBACK 9", "PUBREC 7"], await _wire.HearsAsync(3));

        flow.OnPubRel(8);
        await flow.SendAsync();
        Assert.Equal(["PUBCOMP 8"], await _wire.HearsAsync(1));
        Assert.Equal(["receive 8 7", "route", "release 8"], _sessionCalls);
        Assert.Equal(1008ul, sequences[0]);
        Assert.Equal(1007ul, sequences[2]);
    }

    [Fact]
    public async Task Sequences_rise_from_message_to_message_and_begin_at_the_epoch()
    {
        var flow = New();
        var sequences = new List<ulong>();
        _gateway.Ingress.OnRoute = batch =>
        {
            foreach (var record in batch.Records)
            {
                sequences.Add(record.Sequence);
                Assert.Equal(11ul, record.Publisher);
                Assert.Equal(record.QoS is QoS.ExactlyOnce, record.Has(RecordFlags.ExactlyOnce));
            }

            return ValueTask.CompletedTask;
        };
        Publish(flow, 1, QoS.AtLeastOnce);
        Publish(flow, 0, QoS.AtMostOnce);
        Publish(flow, 2, QoS.ExactlyOnce);
        await flow.SendAsync();

        Assert.Equal([Sequences.FirstOf(7) + 1, 0, Sequences.FirstOf(7) + 2], sequences);
    }

    public void Dispose() => _gone.Dispose();

    private InboundFlow New(bool storesSlowly = false, bool isPersistent = false)
    {
        if (storesSlowly)
        {
            _gateway.Ingress.OnRoute = _ =>
            {
                var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _stores.Enqueue(stored);
                return new ValueTask(stored.Task);
            };
        }

        var session = FakeGrain.Of<ISessionHostGrain>(
            (nameof(ISessionHostGrain.Receive), args =>
            {
                _sessionCalls.Add($"receive {string.Join(' ', (ushort[])args[1]!)}");
                return Task.FromResult(Array.ConvertAll((ushort[])args[1]!, id => 1000ul + id));
            }),
            (nameof(ISessionHostGrain.Release), args =>
            {
                _sessionCalls.Add($"release {string.Join(' ', (ushort[])args[1]!)}");
                return Task.FromResult(Array.ConvertAll((ushort[])args[1]!, _ => true));
            }));
        _outbox = TestGateway.NewOutbox(_wire);
        return new InboundFlow(
            _gateway.Parts, TestGateway.Admit(isPersistent: isPersistent), session, _outbox,
            failure => _failed.TrySetResult(failure), _gone.Token);
    }

    private static byte[] Packet(ushort packetId, QoS qos, string payload, bool retain) => Bytes.Of(
        new PublishPacket
        {
            Topic = "a"u8,
            QoS = qos,
            PacketId = packetId,
            Retain = retain,
            Payload = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)),
        },
        ProtocolVersion.V311);

    private static void Publish(InboundFlow flow, ushort packetId, QoS qos, string? payload = null, bool retain = false)
    {
        var frame = Bytes.OnlyFrame(Packet(packetId, qos, payload ?? $"{packetId}", retain));
        flow.Add(PublishPacket.Read(frame, ProtocolVersion.V311));
    }

    private List<string> Said()
    {
        _outbox!.Flush();
        return _wire.Said();
    }
}
