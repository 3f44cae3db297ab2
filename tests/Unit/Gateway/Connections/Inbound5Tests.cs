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

/// <summary>What a publisher of MQTT 5 hears and is held to.</summary>
public sealed class Inbound5Tests : IDisposable
{
    private readonly Wire _wire = new() { Version = ProtocolVersion.V5 };
    private readonly CancellationTokenSource _gone = new();
    private readonly TestGateway _gateway = new(options: new GatewayOptions { ReceiveMaximum = 2 });
    private readonly List<string> _sessionCalls = [];
    private readonly Outbox _outbox;

    public Inbound5Tests() => _outbox = TestGateway.NewOutbox(_wire, TestGateway.Terms5);

    [Fact]
    public async Task What_a_connection_only_knows_is_not_in_the_record_and_the_expiry_is_a_moment()
    {
        var flow = New();
        byte[] properties = [0x26, 0, 1, (byte)'a', 0, 1, (byte)'1', 0x02, 0, 0, 0, 10, 0x23, 0, 5, 0x01, 1];
        byte[]? record = null;
        _gateway.Ingress.OnRoute = batch =>
        {
            record = batch.Records.ToArray();
            return ValueTask.CompletedTask;
        };

        Publish(flow, 0, QoS.AtMostOnce, properties);
        await flow.SendAsync();

        var message = new MessageRecord(record!);
        Assert.Equal([0x26, 0, 1, (byte)'a', 0, 1, (byte)'1', 0x01, 1], message.Properties.ToArray());
        Assert.Equal(MessageExpiry.From(10, _gateway.Parts.Time.GetUtcNow()), message.Expiry);
    }

    [Fact]
    public async Task The_window_counts_what_is_not_acknowledged()
    {
        var stored = new Queue<TaskCompletionSource>();
        _gateway.Ingress.OnRoute = _ =>
        {
            stored.Enqueue(new TaskCompletionSource());
            return new ValueTask(stored.Last().Task);
        };
        var flow = New();
        Publish(flow, 1, QoS.AtLeastOnce);
        Publish(flow, 2, QoS.ExactlyOnce);
        await flow.SendAsync();
        Publish(flow, 2, QoS.ExactlyOnce); // again, so not counted again
        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, Assert.Throws<ProtocolException>(() => Publish(flow, 3, QoS.AtLeastOnce)).Reason);

        stored.Dequeue().SetResult();
        Assert.Equal(["PUBACK 1", "PUBREC 2"], await _wire.HearsAsync(2));
    }

    [Fact]
    public async Task What_a_PUBREC_refuses_is_forgotten_by_the_session_before_it_leaves()
    {
        _gateway.Ingress.OnRoute = batch =>
        {
            for (var i = 0; i < batch.Count; i++)
                batch[i] = ReasonCode.QuotaExceeded;
            return ValueTask.CompletedTask;
        };
        var flow = New(isPersistent: true);
        Publish(flow, 5, QoS.ExactlyOnce);
        await flow.SendAsync();
        Assert.Equal(["PUBREC 5 QuotaExceeded"], await _wire.HearsAsync(1));
        Assert.Equal(["receive 5", "release 5"], _sessionCalls);

        _gateway.Ingress.OnRoute = _ => ValueTask.CompletedTask;
        Publish(flow, 5, QoS.ExactlyOnce);
        await flow.SendAsync();
        Assert.Equal(["PUBREC 5"], await _wire.HearsAsync(1));
        flow.OnPubRel(5);
        flow.OnPubRel(6);
        await flow.SendAsync();
        Assert.Equal(["PUBCOMP 5", "PUBCOMP 6 PacketIdentifierNotFound"], await _wire.HearsAsync(2));
        Assert.Equal(["receive 5", "release 5", "receive 5", "release 5 6"], _sessionCalls);
    }

    [Fact]
    public async Task What_the_rules_forbid_is_answered_with_the_reason()
    {
        var flow = New();
        Refuse(flow, 1, QoS.AtLeastOnce);
        Refuse(flow, 2, QoS.ExactlyOnce);
        Refuse(flow, 0, QoS.AtMostOnce);
        await flow.SendAsync();
        Publish(flow, 2, QoS.ExactlyOnce);
        Publish(flow, 3, QoS.ExactlyOnce); // a window of two: the refusals have left it
        await flow.SendAsync();

        _outbox.Flush();
        Assert.Equal(["PUBACK 1 NotAuthorized", "PUBREC 2 NotAuthorized", "PUBREC 2", "PUBREC 3"], _wire.Said());
        Assert.Equal(["2", "3"], _gateway.Ingress.Routed);
    }

    public void Dispose() => _gone.Dispose();

    private InboundFlow New(bool isPersistent = false)
    {
        var session = FakeGrain.Of<ISessionHostGrain>(
            (nameof(ISessionHostGrain.Receive), args =>
            {
                _sessionCalls.Add($"receive {string.Join(' ', (ushort[])args[1]!)}");
                return Task.FromResult(Array.ConvertAll((ushort[])args[1]!, id => 1000ul + id));
            }),
            (nameof(ISessionHostGrain.Release), args =>
            {
                _sessionCalls.Add($"release {string.Join(' ', (ushort[])args[1]!)}");
                return Task.FromResult(Array.ConvertAll((ushort[])args[1]!, id => id == 5));
            }));
        return new InboundFlow(
            _gateway.Parts, TestGateway.Admit(isPersistent: isPersistent) with { Terms = TestGateway.Terms5 }, session, _outbox,
            failure => Assert.Fail(failure.Message), _gone.Token);
    }

    private static byte[] Packet(ushort packetId, QoS qos, byte[]? properties) => Bytes.Of(
        new PublishPacket
        {
            Topic = "a"u8,
            QoS = qos,
            PacketId = packetId,
            Properties = properties,
            Payload = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes($"{packetId}")),
        },
        ProtocolVersion.V5);

    private static void Publish(InboundFlow flow, ushort packetId, QoS qos, byte[]? properties = null) =>
        flow.Add(PublishPacket.Read(Bytes.OnlyFrame(Packet(packetId, qos, properties)), ProtocolVersion.V5));

    private static void Refuse(InboundFlow flow, ushort packetId, QoS qos) => flow.Refuse(
        PublishPacket.Read(Bytes.OnlyFrame(Packet(packetId, qos, null)), ProtocolVersion.V5), ReasonCode.NotAuthorized);
}
