using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Who comes and does not get to the point.</summary>
public sealed class DeadlineTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();

    public DeadlineTests() => TestBroker.MosquittoDiffers("it is set up in another way");

    [Fact]
    public async Task A_connection_that_does_not_become_a_client_in_time_is_closed_on_every_listener()
    {
        var server = _authority.IssueServer();
        _folder.Write("server.pem", _authority.ChainOf(server) + TestAuthority.KeyOf(server));
        int[] ports = [FreePorts.Take(), FreePorts.Take(), FreePorts.Take(), FreePorts.Take(), FreePorts.Take()];
        await using var broker = await TestBroker.StartAsync(
            "--listen", $"tcp://127.0.0.1:{ports[0]},tls://127.0.0.1:{ports[1]},ws://127.0.0.1:{ports[2]},wss://127.0.0.1:{ports[3]},"
                + $"tcp://127.0.0.1:{ports[4]}?proxy",
            "--allow-anonymous", "true", "--Gateway:Tls:CertificateFile", _folder.File("server.pem"), "--Gateway:ConnectTimeout", "00:00:01");
        var waiting = new List<Task>();
        foreach (var port in ports)
            waiting.Add(ExpectClosedAsync(port, ""));
        waiting.Add(ExpectClosedAsync(ports[2], "GET /mqtt HTTP/1.1\r\nHost: x\r\n"));
        waiting.Add(ExpectClosedAsync(ports[4], "PROXY TCP4 203.0.113.1 "));
        waiting.Add(ExpectClosedAsync(ports[4], "PROXY UNKNOWN\r\n"));
        waiting.Add(ExpectEndAsync(ports[2]));

        await Task.WhenAll(waiting);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private static async Task ExpectClosedAsync(int port, string first)
    {
        await using var client = await RawClient.OpenAsync(port);
        await client.SendAsync(Encoding.ASCII.GetBytes(first));
        await client.ExpectClosedAsync();
    }

    /// <summary>A WebSocket on which nobody says CONNECT.</summary>
    private static async Task ExpectEndAsync(int port)
    {
        await using var socket = await RawWebSocket.OpenMqttAsync(port);
        await socket.ExpectEndAsync();
    }
}
