using System.Net.Sockets;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>
/// One connection. Everything that has arrived is run at once, then logged with one write, then answered with one send:
/// an answer is never ahead of the log.
/// </summary>
internal sealed class Client(Socket socket, Engine engine, Session session, ILogger log)
{
    private const int SmallBuffer = 64 * 1024;
    private const int KeptBuffer = 1024 * 1024;
    private const int StrangerParts = 8;
    private const int StrangerBytes = 1_024;
    private readonly Arguments _command = new();
    private readonly Replies _replies = new();
    private byte[] _buffer = new byte[SmallBuffer];
    private int _filled;

    public void Close() => socket.Dispose();

    public async Task ServeAsync()
    {
        try
        {
            socket.NoDelay = true;
            while (await ReceiveAsync())
            {
                var position = Run(out var needed);
                engine.Log.WriteUntil(position);
                await SendAsync();
                MakeRoom(needed);
            }
        }
        catch (Exception left) when (left is SocketException or ObjectDisposedException)
        {
            // gone; what it had asked for is done, as far as it came
        }
        catch (InvalidDataException violation)
        {
            log.ClientBrokeProtocol(violation.Message);
        }
        catch (IOException disk)
        {
            // What this client asked for is in doubt: no answer, and it learns that from the closed connection.
            log.LogNotWritten(disk);
        }
        finally
        {
            socket.Dispose();
        }
    }

    private async ValueTask<bool> ReceiveAsync()
    {
        var received = await socket.ReceiveAsync(_buffer.AsMemory(_filled));
        _filled += received;
        return received > 0;
    }

    private long Run(out int needed)
    {
        var at = 0;
        long position;
        lock (engine.Database.Gate)
        {
            while (RequestReader.TryRead(
                _buffer,
                _filled,
                session.IsKnown ? RequestReader.MostParts : StrangerParts,
                session.IsKnown ? RequestReader.MostBytes : StrangerBytes,
                ref at,
                _command,
                out needed))
            {
                if (_command.Count > 0)
                    session.Execute(_command, _replies);
            }

            position = engine.Log.Position;
        }

        needed -= at;
        _filled -= at;
        if (at > 0)
            _buffer.AsSpan(at, _filled).CopyTo(_buffer);

        return position;
    }

    private async ValueTask SendAsync()
    {
        var unsent = _replies.Written;
        while (unsent.Length > 0)
            unsent = unsent[await socket.SendAsync(unsent)..];

        _replies.Clear();
    }

    private void MakeRoom(int needed)
    {
        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(Math.Max(needed, 2L * _buffer.Length), Array.MaxLength));
        else if (_buffer.Length > KeptBuffer && _filled is 0)
            _buffer = new byte[SmallBuffer];
    }
}
