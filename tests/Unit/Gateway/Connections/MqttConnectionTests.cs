using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class MqttConnectionTests
{
    private readonly Dictionary<string, RouteOptions> _routes = [];

    [Fact]
    public async Task A_connection_that_is_taken_over_before_it_is_ready_leaves_nothing_behind()
    {
        var gateway = NewGateway(FakeGrain.Of<ISessionHostGrain>(
            (nameof(ISessionHostGrain.Resume), _ => Task.FromException(new StaleEpochException()))));
        await using var transport = new TestTransport(new Wire());
        var subscription = new Subscription { Filter = "a/+", QoS = QoS.AtMostOnce };
        var connection = new MqttConnection(gateway.Parts, TestGateway.Admit("alice", true, subscription), transport);

        await Assert.ThrowsAsync<StaleEpochException>(() => connection.RunAsync().Soon());

        Assert.Empty(gateway.Subscribers.Match("a/b"u8));
        Assert.True(connection.Outbox.IsClosed);
        Assert.Equal(RouteOptions.None, _routes["a/+"]);
    }

    [Fact]
    public async Task A_route_that_is_announced_for_a_client_that_has_gone_is_taken_back()
    {
        var gateway = NewGateway(session: null);
        await using var transport = new TestTransport(new Wire());
        var connection = new MqttConnection(gateway.Parts, TestGateway.Admit(), transport);
        await transport.FromClient.Writer.WriteAsync(
            Bytes.Of(new SubscribePacket { PacketId = 1, Requests = [new SubscriptionRequest("a", QoS.AtMostOnce)] }, ProtocolVersion.V311),
            TestContext.Current.CancellationToken);
        await transport.FromClient.Writer.CompleteAsync();
        connection.Outbox.Close();

        await connection.RunAsync().Soon();

        Assert.Empty(gateway.Subscribers.Match("a"u8));
        Assert.Equal(RouteOptions.None, _routes["a"]);
    }

    [Fact]
    public async Task One_copy_at_the_highest_QoS_comes_however_many_filters_match()
    {
        var gateway = NewGateway(session: null);
        var wire = new Wire();
        await using var transport = new TestTransport(wire);
        Subscription[] subscriptions =
        [
            new() { Filter = "a/#", QoS = QoS.AtMostOnce },
            new() { Filter = "a/b", QoS = QoS.AtLeastOnce },
            new() { Filter = "+/b", QoS = QoS.ExactlyOnce },
        ];
        var connection = new MqttConnection(gateway.Parts, TestGateway.Admit("alice", false, subscriptions), transport);
        var running = connection.RunAsync();
        Assert.Equal(["CONNACK"], await wire.HearsAsync(1));

        Deliver(gateway, Records.Of("a/b", "2", QoS.ExactlyOnce), Records.Of("a/c", "0", QoS.ExactlyOnce), Records.Of("a/b", "1", QoS.AtLeastOnce));

        Assert.Equal(["PUBLISH 1 a/b=2", "PUBLISH a/c=0", "PUBLISH 2 a/b=1"], await wire.HearsAsync(3));
        connection.Close(ReasonCode.ServerShuttingDown);
        await Assert.ThrowsAnyAsync<Exception>(() => running.Soon());
    }

    [Fact]
    public async Task A_client_does_not_hear_itself_where_it_said_so()
    {
        var gateway = NewGateway(session: null);
        var wire = new Wire();
        await using var transport = new TestTransport(wire);
        var subscription = new Subscription { Filter = "a", NoLocal = true };
        var connection = new MqttConnection(gateway.Parts, TestGateway.Admit("alice", false, subscription), transport);
        var running = connection.RunAsync();
        await wire.HearsAsync(1);

        Deliver(gateway, Records.Of("a", "own", publisher: 11), Records.Of("a", "other", publisher: 12));

        Assert.Equal(["PUBLISH a=other"], await wire.HearsAsync(1));
        connection.Close(ReasonCode.ServerShuttingDown);
        await Assert.ThrowsAnyAsync<Exception>(() => running.Soon());
    }

    [Fact]
    public async Task A_connection_that_was_revoked_before_it_came_does_not_get_in()
    {
        var gateway = NewGateway(session: null);
        await using var transport = new TestTransport(new Wire());
        var connection = new MqttConnection(gateway.Parts, TestGateway.Admit(), transport);

        Assert.Null(gateway.Connections.Revoke(connection.ClientId, connection.Epoch));

        Assert.False(gateway.Connections.TryAdd(connection));
        Assert.Equal(0, gateway.Connections.Count);
    }

    [Fact, Spec("MQTT-3.2.0-1")]
    public async Task A_session_is_not_woken_before_its_client_is_welcomed_also_when_a_silo_is_lost()
    {
        var woken = 0;
        var gateway = NewGateway(FakeGrain.Of<ISessionHostGrain>((nameof(ISessionHostGrain.Resume), _ =>
        {
            woken++;
            return Task.CompletedTask;
        })));
        var wire = new Wire();
        await using var transport = new TestTransport(wire);
        var connection = new MqttConnection(gateway.Parts, TestGateway.Admit("alice", isPersistent: true), transport);

        await connection.ResumeSessionAsync(); // as for all connections, when a silo has gone
        Assert.Equal(0, woken);

        var running = connection.RunAsync();
        Assert.Equal(["CONNACK"], await wire.HearsAsync(1));
        await connection.ResumeSessionAsync();
        Assert.NotEqual(0, woken);
        connection.Close(ReasonCode.ServerShuttingDown);
        await Assert.ThrowsAnyAsync<Exception>(() => running.Soon());
    }

    private TestGateway NewGateway(ISessionHostGrain? session) => new(session, routes: FakeGrain.Of<IRouteGrain>(
        (nameof(IRouteGrain.Change), args =>
        {
            lock (_routes)
            {
                foreach (var change in (RouteChange[])args[0]!)
                    _routes[change.Filter] = change.Options;
            }

            return Task.CompletedTask;
        })));

    private static void Deliver(TestGateway gateway, params byte[][] records)
    {
        var run = gateway.Downlink.Begin();
        foreach (var record in records)
            run.Add(new MessageRecord(record));
        Assert.True(run.Complete().AsTask().IsCompletedSuccessfully);
    }
}
