using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>
/// Takes the place of Kestrel's sockets on Linux where clients speak MQTT over plain TCP. All else (TLS, WebSocket, the admin
/// address) is Kestrel's.
/// </summary>
internal sealed class SocketTransport(IOptions<GatewayOptions> options, TimeProvider time, ILogger<SocketTransport> log)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private const int MostLoops = 16;

    // Of the 3 seconds that the process has beyond the time in which the clients are sent away.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    private readonly Lazy<SocketLoop[]> _loops = new(() => Begin(options.Value.SocketThreads, log));
    private readonly ConcurrentDictionary<EndPoint, ConnectionDelegate> _chains = [];

    /// <summary>Says how clients that come to an address are served. Kestrel has it said before it binds the address.</summary>
    public void Serve(EndPoint endpoint, ConnectionDelegate chain) => _chains[endpoint] = chain;

    public bool CanBind(EndPoint endpoint) => OperatingSystem.IsLinux() && _chains.ContainsKey(endpoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new SocketListener(
            (IPEndPoint)endpoint, _loops.Value, new OpenConnections(_chains[endpoint], log), options.Value.DrainTime + _grace, time));

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
