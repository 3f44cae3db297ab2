using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Listeners;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>
/// Takes the place of Kestrel's sockets on Linux where clients speak MQTT over plain TCP. All else (TLS, WebSocket, the admin
/// address) is Kestrel's.
/// </summary>
internal sealed class SocketTransport(IOptions<GatewayOptions> options, TimeProvider time, ILogger<SocketTransport> log)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private const int MostLoops = 16;

    private readonly Lazy<SocketLoop[]> _loops = new(() => Begin(options.Value.SocketThreads, log));

    public bool CanBind(EndPoint endpoint) => OperatingSystem.IsLinux()
        && ListenAddress.TryParseAll(options.Value.Listen, out var addresses, out _)
        && addresses.Any(address => address is { IsSecure: false, IsWebSocket: false } && address.EndPoint.Equals(endpoint));

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new SocketListener((IPEndPoint)endpoint, _loops.Value, time));

    public void Dispose()
    {
        if (!_loops.IsValueCreated)
            return;
        foreach (var loop in _loops.Value)
            loop.Dispose();
    }

    private static SocketLoop[] Begin(int threads, ILogger log)
    {
        var count = threads > 0 ? threads : Math.Min(Environment.ProcessorCount, MostLoops);
        var blocks = new BlockPool();
        return [.. Enumerable.Range(0, count).Select(number => new SocketLoop(number, blocks, log))];
    }
}
