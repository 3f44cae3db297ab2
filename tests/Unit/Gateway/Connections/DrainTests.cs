using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class DrainTests
{
    [Fact]
    public async Task A_connection_that_is_drained_answers_what_was_said_before_it_ends()
    {
        var gateway = new TestGateway();
        var stored = new TaskCompletionSource();
        var routed = new TaskCompletionSource();
        gateway.Ingress.OnRoute = _ =>
        {
            routed.SetResult();
            return new ValueTask(stored.Task);
        };
        var wire = new Wire();
        await using var transport = new TestTransport(wire);
        var connection = new MqttConnection(gateway.Parts, TestGateway.Admit(), transport);
        var running = connection.RunAsync();
        byte[] publish = [0x32, 6, 0, 1, (byte)'a', 0, 9, 1];
        await transport.FromClient.Writer.WriteAsync(publish, TestContext.Current.CancellationToken);
        await routed.Task.Soon();

        connection.Drain(ReasonCode.ServerShuttingDown);
        Assert.Equal(["CONNACK"], wire.Said());
        stored.SetResult();
        await running.Soon();

        Assert.Equal(["PUBACK 9"], wire.Said());
    }
}
