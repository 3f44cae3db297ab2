using System.Net.Sockets;

namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>The connection broke, as connections to a killed broker do.</summary>
internal sealed class LinkLostException(string why, Exception? cause = null) : Exception(why, cause);

/// <summary>One connection of a load client: whole packets in, gathered packets out, and any trouble is one exception.</summary>
internal sealed class Link : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _input = new byte[64 * 1024];
    private int _start;
    private int _end;
    private readonly MemoryStream _output = new();

    private readonly TimeSpan _patience;

    private Link(TimeSpan patience) => _patience = patience;

    public bool SessionPresent { get; private set; }

    /// <summary>A packet can be taken without waiting.</summary>
    public bool HasPacket => TryMeasure(out _, out _);

    /// <summary>CONNECT, up to the CONNACK that welcomes.</summary>
    public static async Task<Link> OpenAsync(
        int port, ConnectOptions who, LoadOptions options, CancellationToken cancellation)
    {
        var link = new Link(options.Patience);
        try
        {
            await Guard(() => link._socket.ConnectAsync("127.0.0.1", port, cancellation).AsTask());
            link.Say(Packet.Connect(who));
            await link.FlushAsync(cancellation);
            if (!await link.WaitAsync(options.ConnectPatience, cancellation))
                throw new LinkLostException("nobody answered the CONNECT");
            var answer = await link.HearAsync(cancellation);
            if (answer is not { Type: RawType.ConnAck, Body: [_, 0] })
                throw new LinkLostException($"not welcome: {answer}");
            link.SessionPresent = answer.Body[0] == 1;
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Leaves with the next <see cref="FlushAsync"/>.</summary>
    public void Say(byte[] packet) => _output.Write(packet);

    public async Task FlushAsync(CancellationToken cancellation)
    {
        var bytes = _output.GetBuffer().AsMemory(0, (int)_output.Length);
        while (bytes.Length > 0)
            bytes = bytes[await Guard(() => _socket.SendAsync(bytes, cancellation).AsTask())..];
        _output.SetLength(0);
    }

    public async Task<RawPacket> HearAsync(CancellationToken cancellation)
    {
        int header, length;
        while (!TryMeasure(out header, out length))
        {
            if (!await TryFillAsync(_patience, cancellation))
                throw new TimeoutException($"the broker said nothing for {_patience.TotalSeconds} s");
        }

        var packet = new RawPacket(_input[_start], _input.AsSpan(_start + header, length).ToArray());
        _start += header + length;
        return packet;
    }

    /// <summary>Waits a while for a packet; false when none came.</summary>
    public async Task<bool> WaitAsync(TimeSpan time, CancellationToken cancellation)
    {
        while (!HasPacket)
        {
            if (!await TryFillAsync(time, cancellation))
                return false;
        }

        return true;
    }

    /// <summary>The network fails: the broker hears a reset, and nothing that is under way arrives.</summary>
    public void Abort()
    {
        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception gone) when (gone is ObjectDisposedException or SocketException)
        {
            // the network failed by itself
        }

        _socket.Close();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _output.Dispose();
    }

    private static async Task<T> Guard<T>(Func<Task<T>> io)
    {
        try
        {
            return await io();
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            throw new LinkLostException(failure.Message, failure);
        }
    }

    private static Task<bool> Guard(Func<Task> io) =>
        Guard(async () =>
        {
            await io();
            return true;
        });

    private async Task<bool> TryFillAsync(TimeSpan time, CancellationToken cancellation)
    {
        MakeRoom();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(time);
        try
        {
            var count = await Guard(() => _socket.ReceiveAsync(_input.AsMemory(_end), patience.Token).AsTask());
            _end += count > 0 ? count : throw new LinkLostException("the broker closed the connection");
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _input.AsSpan(_start, _end - _start).CopyTo(_input);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _input.Length)
            Array.Resize(ref _input, 2 * _input.Length);
    }

    private bool TryMeasure(out int header, out int length)
    {
        (header, length) = (1, 0);
        for (var shift = 0; _start + header < _end; shift += 7)
        {
            var part = _input[_start + header++];
            length |= (part & 0x7F) << shift;
            if (part < 0x80)
                return _end - _start >= header + length;
        }

        return false;
    }
}
