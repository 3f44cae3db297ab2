using System.Net;
using System.Net.Sockets;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Lets clients in, on the loopback only, and serves each until it leaves.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private const int MostClients = 1_024;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Dictionary<Client, Task> _clients = [];
    private readonly Func<Socket, Client> _admit;
    private readonly Task _accepting;
    private bool _isClosing;

    public Listener(Func<Socket, Client> admit)
    {
        _admit = admit;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen();
        EndPoint = _socket.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync);
    }

    public EndPoint EndPoint { get; }

    public async ValueTask DisposeAsync()
    {
        Task[] served;
        lock (_clients)
        {
            _isClosing = true;
            served = [.. _clients.Values];
            foreach (var client in _clients.Keys)
                client.Close();
        }

        _socket.Dispose();
        await _accepting;
        await Task.WhenAll(served);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Admit(await _socket.AcceptAsync());
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                lock (_clients)
                {
                    if (_isClosing)
                        return;
                }

                // Out of descriptors, or a client that was gone before it was let in: others may follow.
                await Task.Delay(10);
            }
        }
    }

    private void Admit(Socket socket)
    {
        lock (_clients)
        {
            if (_isClosing || _clients.Count >= MostClients)
            {
                socket.Dispose();
                return;
            }

            var client = _admit(socket);
            _clients[client] = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(Client client)
    {
        try
        {
            await client.ServeAsync();
        }
        finally
        {
            lock (_clients)
                _clients.Remove(client);
        }
    }
}
