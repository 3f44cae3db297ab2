using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>Has connections served, and knows which are not through.</summary>
internal sealed class OpenConnections(ConnectionDelegate serve, ILogger log)
{
    // For what a connection does at its end, such as telling its session.
    private static readonly TimeSpan _lastMoment = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<SocketConnection> _open = [];
    private readonly TaskCompletionSource _through = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isEnding;

    /// <summary>Begins on this thread and goes on where the first bytes come; whoever ends waits for it.</summary>
    public void Begin(SocketConnection connection)
    {
        lock (_gate)
            _open.Add(connection);
        _ = ServeAsync(connection);
    }

    /// <summary>Waits for them; who is not through in that time is cut off.</summary>
    public async Task EndAsync(TimeSpan patience, TimeProvider time)
    {
        lock (_gate)
        {
            _isEnding = true;
            TellIfThrough();
        }

        await Task.WhenAny(_through.Task, Task.Delay(patience, time));
        SocketConnection[] left;
        lock (_gate)
            left = [.. _open];
        foreach (var connection in left)
            connection.Abort(new ConnectionAbortedException("The gateway stops."));
        await Task.WhenAny(_through.Task, Task.Delay(_lastMoment, time));
    }

    private async Task ServeAsync(SocketConnection connection)
    {
        try
        {
            await serve(connection);
        }
        catch (Exception bug)
        {
            log.ClosedByBug(connection.ConnectionId, bug);
        }

        await connection.DisposeAsync();
        lock (_gate)
        {
            _open.Remove(connection);
            TellIfThrough();
        }
    }

    private void TellIfThrough()
    {
        if (_isEnding && _open.Count == 0)
            _through.TrySetResult();
    }
}
