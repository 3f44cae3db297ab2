using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class DepartureTests
{
    private readonly TestGateway _gateway = new();

    [Fact]
    public async Task A_client_of_MQTT_5_is_told_why_and_the_end_of_its_output_is_the_end()
    {
        var wire = new Wire { Version = ProtocolVersion.V5 };
        await using var transport = new TestTransport(wire);
        var connection = new MqttConnection(_gateway.Parts, TestGateway.Admit() with { Terms = TestGateway.Terms5 }, transport);
        var running = connection.RunAsync();
        Assert.Equal(["CONNACK"], await wire.HearsAsync(1));

        connection.Close(ReasonCode.SessionTakenOver);
        connection.Close(ReasonCode.KeepAliveTimeout); // the first reason counts

        Assert.Equal(["DISCONNECT SessionTakenOver"], await wire.HearsAsync(1));
        Assert.True(connection.Outbox.IsClosed);
        Assert.False(running.IsCompleted); // reads past what the client still says
        await transport.FromClient.Writer.CompleteAsync();
        await running.Soon();
        Assert.False(transport.ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task A_client_that_does_not_go_is_cut_off_after_a_moment()
    {
        var wire = new Wire { Version = ProtocolVersion.V5 };
        await using var transport = new TestTransport(wire);
        var connection = new MqttConnection(_gateway.Parts, TestGateway.Admit() with { Terms = TestGateway.Terms5 }, transport);
        var running = connection.RunAsync();
        await wire.HearsAsync(1);
        connection.Close(ReasonCode.ServerShuttingDown);

        _gateway.Parts.Heartbeat.Advance(2 * Heartbeat.TicksPerSecond);
        Assert.False(transport.ConnectionClosed.IsCancellationRequested);
        _gateway.Parts.Heartbeat.Advance((2 * Heartbeat.TicksPerSecond) + 1);

        Assert.True(transport.ConnectionClosed.IsCancellationRequested);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Soon());
    }

    [Fact]
    public async Task A_publisher_whose_message_could_not_be_stored_is_told_to_try_again()
    {
        _gateway.Ingress.OnRoute = batch =>
        {
            batch.Source.Fail();
            return ValueTask.FromException(new IOException("the store is away"));
        };
        var wire = new Wire { Version = ProtocolVersion.V5 };
        await using var transport = new TestTransport(wire);
        var connection = new MqttConnection(_gateway.Parts, TestGateway.Admit() with { Terms = TestGateway.Terms5 }, transport);
        var running = connection.RunAsync();
        for (ushort id = 1; id <= 2; id++)
        {
            await transport.FromClient.Writer.WriteAsync(
                Bytes.Of(new PublishPacket { Topic = "a"u8, QoS = QoS.AtLeastOnce, PacketId = id }, ProtocolVersion.V5),
                TestContext.Current.CancellationToken);
        }

        Assert.Equal(["CONNACK", "DISCONNECT ServerBusy"], await wire.HearsAsync(2));
        await transport.FromClient.Writer.CompleteAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default).Soon(); // however it ended, it has
    }

    [Fact]
    public async Task An_operator_can_end_a_connection()
    {
        var wire = new Wire { Version = ProtocolVersion.V5 };
        await using var transport = new TestTransport(wire);
        var connection = new MqttConnection(_gateway.Parts, TestGateway.Admit() with { Terms = TestGateway.Terms5 }, transport);
        Assert.True(_gateway.Connections.TryAdd(connection));
        var running = connection.RunAsync();
        await wire.HearsAsync(1);

        await _gateway.Downlink.Disconnect(connection.ClientId, connection.Epoch, ReasonCode.AdministrativeAction);

        Assert.Equal(["DISCONNECT AdministrativeAction"], await wire.HearsAsync(1));
        await transport.FromClient.Writer.CompleteAsync();
        await running.Soon();
    }

    [Fact]
    public async Task An_older_client_is_cut_off_at_once()
    {
        var wire = new Wire();
        await using var transport = new TestTransport(wire);
        var connection = new MqttConnection(_gateway.Parts, TestGateway.Admit(), transport);
        var running = connection.RunAsync();
        await wire.HearsAsync(1);

        connection.Close(ReasonCode.SessionTakenOver);

        Assert.True(transport.ConnectionClosed.IsCancellationRequested);
        await Assert.ThrowsAnyAsync<Exception>(() => running.Soon());
        Assert.Empty(wire.Said());
    }
}
