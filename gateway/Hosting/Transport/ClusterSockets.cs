using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Orleans.Mqtt.Gateway.Hosting.Transport;

/// <summary>Opens and awaits the connections between the processes of a cluster.</summary>
internal sealed class ClusterSockets : IConnectionFactory, IConnectionListenerFactory
{
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = New(endpoint);
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }

        return ClusterSocket.Of(socket);
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = New(endpoint);
        try
        {
            if (endpoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true; // all addresses are those of both kinds
            socket.Bind(endpoint);
            return ValueTask.FromResult<IConnectionListener>(new ClusterListener(socket));
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new AddressInUseException($"{endpoint}: {failure.Message}", failure);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket New(EndPoint endpoint) => new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
}
