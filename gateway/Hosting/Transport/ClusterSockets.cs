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
            return new ClusterSocket(socket);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = New(endpoint);
        try
        {
            socket.Bind(endpoint);
            return ValueTask.FromResult<IConnectionListener>(new ClusterListener(socket));
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new AddressInUseException(failure.Message, failure);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket New(EndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Configure();
        return socket;
    }
}
