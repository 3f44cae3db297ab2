using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

/// <summary>
/// A session's queue beside its stored list and a client: what the rules of MQTT allow is written down here in the
/// plainest form, and every step of the real queue is held against it.
/// </summary>
internal sealed class QueueModel(int messagesInMemory)
{
    public const long FirstPosition = 65_500; // packet identifiers wrap soon

    private readonly List<Message> _stored = []; // as in the store: trimmed at the front, appended at the end
    private readonly HashSet<long> _released = []; // durable: PUBREC of these is stored
    private readonly Dictionary<ushort, Message> _inFlight = []; // on this connection, by packet identifier
    private SessionQueue _queue = New(messagesInMemory);
    private int _window = 1;
    private long _lastSent;
    private long _mark = FirstPosition; // durable: what was sent lies before it
    private uint _now = 1_000;
    private bool _isConnected;

    public List<Message> All { get; } = [];

    public SessionQueue Queue => _queue;

    public int MessagesInFlight => _inFlight.Count;

    public void Append(QoS qos, uint lifetime = 0)
    {
        var message = new Message(_queue.Tail, qos, lifetime == 0 ? 0 : _now + lifetime);
        Assert.Equal(message.Position, _queue.Append(message.Record));
        All.Add(message);
        _stored.Add(message);
    }

    public void Store() => _queue.Stored(_queue.Tail);

    public void Connect(int window)
    {
        _isConnected = true;
        _window = window;
        _inFlight.Clear();
        _lastSent = -1;
        _queue.Reconnect();
        Mark(_queue.FirstMark(window));
    }

    public void Tick(int seconds) => _now += (uint)seconds;

    /// <summary>Room is needed: what has expired goes, first in memory, then out of it as far as all has.</summary>
    public void Expire()
    {
        var count = _queue.Count;
        Assert.Equal(_queue.DropExpired(_now), _queue.Count < count);
        NoteExpired();
        while (_queue.ExpiredPage(_now) is { Count: > 0 } page)
        {
            var index = (int)(page.Position - _queue.Head);
            _queue.DropExpired(_stored.Skip(index).Take(page.Count).Select(message => message.Record), _now);
            NoteExpired();
        }

        Trim();
    }

    /// <summary>Sends all that may be sent, pages included.</summary>
    public void Offer()
    {
        if (!_isConnected)
            return;

        do
        {
            while (_queue.TrySend(_window, _now, out var bytes, out var flags))
            {
                NoteExpired();
                Sent(All.Single(message => message.Record.Equals(bytes)), flags);
            }

            NoteExpired();
            Trim();
        }
        while (Page() || MarkAgain());
    }

    public void Acknowledge(int choice)
    {
        if (_inFlight.Count == 0)
            return;

        var (packetId, message) = _inFlight.OrderBy(pair => pair.Value.Position).ElementAt(choice % _inFlight.Count);
        var kind = message.QoS is QoS.AtLeastOnce ? SettlementKind.Acknowledged
            : message.IsReleased ? SettlementKind.Completed : SettlementKind.Received;
        var position = PacketIdentifiers.PositionOf(packetId, _lastSent);
        Assert.Equal(message.Position, position);
        Assert.True(_queue.Settle(new Settlement(position, kind)));
        Assert.False(_queue.Settle(new Settlement(position, kind)), "the same word twice changes nothing");
        if (kind is SettlementKind.Received)
        {
            message.IsReleased = true;
            _released.Add(position);
            return;
        }

        message.IsDone = true;
        _inFlight.Remove(packetId);
    }

    public void Trim()
    {
        var exactlyOnce = new List<long>();
        var canTrim = _queue.CanTrim;
        var trimmed = _queue.Trim(exactlyOnce);
        Assert.Equal(canTrim, trimmed > 0);
        Assert.All(_stored.Take(trimmed), message => Assert.True(message.IsDone, "an open message left the store"));
        _stored.RemoveRange(0, trimmed);
        _released.ExceptWith(exactlyOnce);
        Assert.Equal(_stored.Count, _queue.Length);
    }

    public void Drop()
    {
        var oldest = _stored.Find(message => message is { IsDone: false, WasSent: false } && message.Position < _queue.StoredTail);
        var hasDropped = _queue.DropOldest();
        if (hasDropped)
            oldest!.IsDone = true;
        else
            Assert.True(oldest is null || _stored.Exists(message => message is { IsDone: false, WasSent: true }));
        Trim();
    }

    /// <summary>The activation is lost: all that is left is what is stored, and what may have been sent below a position.</summary>
    public void Reload()
    {
        Store();
        foreach (var message in _stored)
        {
            // What was settled or given up behind an open message is not known any more, nor is what was in between.
            message.IsDone = false;
            message.IsReleased = _released.Contains(message.Position);
            Assert.True(!message.WasSent || message.Position < _mark, "sent beyond what is known after a crash");
            message.WasSent = message.IsReleased || message.Position < _mark;
        }

        var tail = _queue.Tail;
        _queue = New(messagesInMemory);
        _queue.Load(
            _stored.Count > 0 ? _stored[0].Position : tail, _stored.Count,
            _stored.Take(messagesInMemory).Select(message => message.Record), _mark, _released);
        _inFlight.Clear();
        _isConnected = false;
    }

    public void CheckCounts()
    {
        Assert.Equal(All.Count(message => !message.IsDone), _queue.Count);
        Assert.Equal(_isConnected ? _inFlight.Count(pair => !pair.Value.IsOwedOnly) : 0, _isConnected ? _queue.InFlight : 0);
    }

    private static SessionQueue New(int messagesInMemory)
    {
        var queue = new SessionQueue(messagesInMemory);
        queue.Load(FirstPosition, 0, [], FirstPosition, new HashSet<long>());
        return queue;
    }

    private void Sent(Message message, RecordFlags flags)
    {
        Assert.True(message.Position < _queue.StoredTail, "sent before it was stored");
        Assert.True(message.Position > _lastSent, "out of order");
        Assert.False(message.IsDone, "sent although it is done");
        Assert.All(
            _stored.Where(other => other.Position > _lastSent && other.Position < message.Position),
            other => Assert.True(other.IsDone, "a message was left out"));
        _lastSent = message.Position;

        Assert.Equal(message.IsReleased, flags.HasFlag(RecordFlags.Release));
        var isDup = message is { WasSent: true, IsReleased: false, QoS: not QoS.AtMostOnce };
        Assert.Equal(isDup, flags.HasFlag(RecordFlags.Dup));
        Assert.False(message.HasExpired(_now) && !message.WasSent, "sent although its time was over");
        Assert.True(message.Position < _mark, "sent beyond the mark");
        message.IsOwedOnly = message.IsReleased;
        message.WasSent = true;
        if (message.QoS is QoS.AtMostOnce)
        {
            message.IsDone = true;
            return;
        }

        Assert.True(_inFlight.TryAdd(PacketIdentifiers.Of(message.Position), message), "an identifier that is in flight");
        Assert.True(_inFlight.Count(pair => !pair.Value.IsOwedOnly) <= _window, "more than the window");
    }

    // What was given up is the first of what could be: the queue looks from the front.
    private void NoteExpired()
    {
        var expired = _stored.Where(message => message is { IsDone: false, WasSent: false } && message.HasExpired(_now));
        foreach (var message in expired.Take(_queue.TakeExpired()).ToArray())
            message.IsDone = true;
    }

    private bool MarkAgain()
    {
        if (_queue.NextMark(_window) is not { } mark)
            return false;

        Assert.True(mark > _mark);
        Mark(mark);
        return true;
    }

    private void Mark(long mark)
    {
        _mark = mark;
        _queue.Marked(mark);
    }

    private bool Page()
    {
        var (position, count) = _queue.MissingPage();
        if (count == 0)
            return false;

        var index = (int)(position - _queue.Head);
        _queue.AddPage(_stored.Skip(index).Take(count).Select(message => message.Record));
        return true;
    }

    public sealed class Message(long position, QoS qos, uint expiry)
    {
        public long Position { get; } = position;

        public QoS QoS { get; } = qos;

        public ReadOnlyMemory<byte> Record { get; } = Records.Of(qos: qos, position: position, expiry: expiry);

        public bool HasExpired(uint now) => expiry != 0 && expiry <= now;

        public bool WasSent { get; set; }

        public bool IsReleased { get; set; }

        /// <summary>On this connection only its PUBREL was sent.</summary>
        public bool IsOwedOnly { get; set; }

        public bool IsDone { get; set; }
    }
}
