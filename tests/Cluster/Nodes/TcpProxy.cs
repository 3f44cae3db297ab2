using System.Net;
using System.Net.Sockets;

namespace Orleans.Mqtt.Tests.Cluster.Nodes;

/// <summary>
/// A piece of network between two processes: whoever connects to <see cref="Port"/> reaches the target, unless the line is
/// cut, as fast as the line is.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly Task _accepting;
    private TaskCompletionSource _open = Opened();

    public TcpProxy(int port, int target)
    {
        Port = port;
        _target = target;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How long each part of what passes is held back.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>From now on nothing passes, as if a cable were out: both sides still believe in their connections.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            if (_open.Task.IsCompleted)
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>The cable is in again, and what was held back goes on; unless it is all reset, as after a long time.</summary>
    public void Heal(bool resets = false)
    {
        Delay = TimeSpan.Zero;
        if (resets)
            ResetAll();
        lock (_gate)
            _open.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        ResetAll();
        await _accepting;
        _stopping.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }

    private Task OpenAsync()
    {
        lock (_gate)
            return _open.Task.WaitAsync(_stopping.Token);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token)); // ends with its sockets, and cannot fail
        }
        catch (OperationCanceledException)
        {
            // disposed
        }
    }

    private async Task ServeAsync(Socket near)
    {
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.NoDelay = far.NoDelay = true;
        Remember(near, far);
        try
        {
            await OpenAsync();
            await far.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
            await Task.WhenAll(PumpAsync(near, far), PumpAsync(far, near));
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side is gone: the other is to hear of it, below.
        }
        finally
        {
            Forget(near);
            Forget(far);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[BufferSize];
        try
        {
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, _stopping.Token);
                await OpenAsync();
                if (Delay > TimeSpan.Zero)
                    await Task.Delay(Delay, _stopping.Token);
                if (count == 0)
                    break;
                for (var rest = buffer.AsMemory(0, count); rest.Length > 0;)
                    rest = rest[await to.SendAsync(rest, _stopping.Token)..];
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            Reset(from);
            Reset(to);
        }
    }

    private void Remember(params Socket[] sockets)
    {
        lock (_gate)
            _sockets.UnionWith(sockets);
    }

    private void Forget(Socket socket)
    {
        lock (_gate)
            _sockets.Remove(socket);
        socket.Dispose();
    }

    private void ResetAll()
    {
        Socket[] sockets;
        lock (_gate)
            sockets = [.. _sockets];
        foreach (var socket in sockets)
            Reset(socket);
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // it has ended by itself
        }
    }
}
