using System.Runtime.InteropServices;
using Orleans.Mqtt.Tests.Bench.Sockets;
using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>One MQTT connection of the generator. Everything but <see cref="IsReady"/> belongs to its thread.</summary>
internal abstract unsafe class Client(LoadThread thread, string clientId, bool isClean)
{
    private const int MostUnsent = 16 * 1024 * 1024;

    private readonly Leftover _unread = new();
    private readonly Leftover _unsent = new();
    private int _socket = -1;
    private int _slot;
    private int _opened;
    private volatile bool _isReady;
    private volatile bool _isParting;

    public LoadThread Thread => thread;

    public bool IsReady => _isReady;

    public bool IsParting => _isParting;

    protected bool IsOf5 => thread.Fleet.Level is Packets.Level5;

    /// <summary>Messages that the broker lets be unacknowledged.</summary>
    protected int ReceiveMaximum { get; private set; } = ushort.MaxValue;

    /// <summary>Topic aliases that the broker knows.</summary>
    protected int Aliases { get; private set; }

    protected bool HasUnsent => _unsent.Length > 0;

    protected virtual string ClientId => clientId;

    public void Open()
    {
        _socket = Loopback.Connect(thread.Fleet.PortOf(ClientId), spread: _opened++ + _slot);
        _slot = thread.Enter(this, _socket);
        // It waits for the socket to become writable, which is when the connection is up.
        var connect = Packets.Connect(ClientId, isClean, thread.Fleet.Level);
        fixed (byte* bytes = connect)
            _unsent.Append(bytes, connect.Length);
    }

    /// <summary>Says goodbye and is gone.</summary>
    public void Leave()
    {
        thread.Output.Add(Packets.Disconnect);
        Send();
        Close();
    }

    /// <summary>
    /// Says goodbye and stays until the broker closes too. Closing at once could meet a message that is still on its
    /// way to us; the reset that answers it would take our last acknowledgements back.
    /// </summary>
    public void Part()
    {
        _isParting = true;
        thread.Output.Add(Packets.Disconnect);
        Send();
        Loopback.StopSending(_socket);
    }

    public void Close()
    {
        if (_socket < 0)
            return;

        Libc.Close(_socket);
        thread.Leave(_slot);
        _socket = -1;
        _isReady = false;
        _isParting = false;
        _unread.Drop(_unread.Length);
        _unsent.Drop(_unsent.Length);
    }

    public void Handle(uint happened)
    {
        if ((happened & Epoll.Writable) != 0 && HasUnsent)
            SendRest();

        if ((happened & ~Epoll.Writable) != 0 && _socket >= 0)
            Receive();
    }

    protected virtual void OnConnected(bool isSessionPresent) => BecomeReady();

    /// <summary>One packet; whatever is put into the thread's output is sent when the whole read is through.</summary>
    protected virtual void OnPacket(byte header, byte* body, int length) =>
        thread.Fail($"{ClientId} was sent a packet 0x{header:X2} that it did not expect");

    protected void BecomeReady() => _isReady = true;

    /// <summary>Sends what has gathered, or keeps it until the socket takes more.</summary>
    protected void Send()
    {
        var output = thread.Output;
        if (output.Length is 0)
            return;

        var sent = HasUnsent ? 0 : TrySend(output.Start, output.Length);
        if (sent < output.Length && _socket >= 0)
        {
            if (!HasUnsent)
                thread.Watch(_socket, _slot, forWriting: true);

            _unsent.Append(output.Start + sent, output.Length - sent);
            if (_unsent.Length > MostUnsent)
                thread.Fail($"the broker does not read what {ClientId} sends");
        }

        output.Clear();
    }

    private void SendRest()
    {
        fixed (byte* bytes = _unsent.Bytes)
            _unsent.Drop(TrySend(bytes, _unsent.Length));

        if (!HasUnsent && _socket >= 0)
            thread.Watch(_socket, _slot, forWriting: false);
    }

    private int TrySend(byte* bytes, int length)
    {
        var sent = Libc.Send(_socket, bytes, length, Libc.NoSignal);
        if (sent >= 0)
            return (int)sent;

        if (Marshal.GetLastPInvokeError() is not (Libc.TryAgain or Libc.Interrupted))
            Lose();

        return 0;
    }

    private void Receive()
    {
        var waiting = _unread.Length;
        _unread.Bytes.CopyTo(new Span<byte>(thread.Input, LoadThread.InputCapacity));
        var read = Libc.Receive(_socket, thread.Input + waiting, LoadThread.InputCapacity - waiting, 0);
        if (read <= 0)
        {
            if (read is 0 || Marshal.GetLastPInvokeError() is not (Libc.TryAgain or Libc.Interrupted))
                Lose();

            return;
        }

        _unread.Drop(waiting);
        thread.NoteRead();
        var at = thread.Input;
        var end = at + waiting + read;
        var opened = _opened;
        while (TryFrame(at, end, out var body, out var length))
        {
            Take(*at, body, length);
            if (_socket < 0 || opened != _opened)
                return;

            at = body + length;
        }

        if (at < end)
            _unread.Append(at, (int)(end - at));

        Send();
    }

    private void Take(byte header, byte* body, int length)
    {
        if (_isParting)
            return; // It comes too late to be answered, and will come again.

        if (header is not Packets.ConnAck)
            OnPacket(header, body, length);
        else if (length >= 2 && body[1] is 0)
            Enter(body);
        else
            thread.Fail($"{ClientId} was refused with CONNACK code {body[1]}");
    }

    private void Enter(byte* body)
    {
        if (IsOf5)
        {
            var at = body + 2;
            var size = Packets.ReadVariable(ref at);
            (ReceiveMaximum, Aliases) = Properties.OfConnAck(at, size);
        }

        OnConnected(isSessionPresent: body[0] is 1);
    }

    private void Lose()
    {
        if (!_isParting)
            thread.Fail($"the broker closed the connection of {ClientId}");

        Close();
    }

    private static bool TryFrame(byte* at, byte* end, out byte* body, out int length)
    {
        length = 0;
        body = at + 1;
        for (var shift = 0; body < end; shift += 7)
        {
            var digit = *body++;
            length |= (digit & 0x7F) << shift;
            if (digit < 0x80)
                return end - body >= length;
        }

        return false;
    }
}
