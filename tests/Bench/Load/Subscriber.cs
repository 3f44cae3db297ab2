using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>Hears messages, audits them, and acknowledges a whole read with one write.</summary>
internal sealed unsafe class Subscriber(
    LoadThread thread, string clientId, IReadOnlyList<string> filters, byte qos, IAudit audit, bool isClean = true)
    : Client(thread, clientId, isClean)
{
    private const int FiltersAtOnce = 100;

    private int _subscribed;
    private int _asked;

    /// <summary>Payloads of another size are damaged.</summary>
    public required int PayloadSize { get; init; }

    /// <summary>Messages without what <see cref="Properties.User"/> says are damaged.</summary>
    public bool ExpectsProperties { get; init; }

    public bool MeasuresLatency { get; init; }

    /// <summary>Messages heard, each once.</summary>
    public long Heard { get; private set; }

    /// <summary>A publisher waits for what we hear before it sends more.</summary>
    public bool GivesCredit { get; init; } = true;

    public IAudit Audit => audit;

    /// <summary>Subscribed once: when it comes back it expects its session, and asks for nothing.</summary>
    public bool IsResuming { get; set; }

    protected override void OnConnected(bool isSessionPresent)
    {
        if (!IsResuming)
            SubscribeToMore();
        else if (isSessionPresent)
            BecomeReady();
        else
            Thread.Fail($"{ClientId} came back and its session was gone");
    }

    protected override void OnPacket(byte header, byte* body, int length)
    {
        if ((header & 0xF0) is Packets.Publish)
            Hear(header, body, length);
        else if (header is Packets.PubRel)
            Answer(Packets.PubComp, Packets.ReadUInt16(body));
        else if (header is Packets.SubAck)
            OnSubscribed(body, length);
        else
            base.OnPacket(header, body, length);
    }

    private void Hear(byte header, byte* body, int length)
    {
        var granted = header >> 1 & 0b11;
        var packetIdAt = sizeof(ushort) + Packets.ReadUInt16(body);
        var payloadAt = packetIdAt + (granted > 0 ? sizeof(ushort) : 0);
        var isWhole = !IsOf5 || PassProperties(body, ref payloadAt);
        if (granted != qos || !isWhole || length - payloadAt != PayloadSize)
        {
            audit.NoteMisdelivered();
        }
        else
        {
            var payload = Payload.Read(body + payloadAt);
            var accounted = audit.Take(payload, out var isNew);
            if (isNew)
            {
                Heard++;
                Thread.NoteReceived();
            }

            if (GivesCredit && accounted > 0)
                Thread.Credit(payload.Publisher, accounted);

            if (MeasuresLatency)
                Thread.Latencies.Add(Thread.ReadAt - payload.DueAt);
        }

        if (granted > 0)
        {
            var packetId = Packets.ReadUInt16(body + packetIdAt);
            Answer(granted is 1 ? Packets.PubAck : Packets.PubRec, packetId);
        }
    }

    private bool PassProperties(byte* body, ref int at)
    {
        var properties = body + at;
        var size = Packets.ReadVariable(ref properties);
        at = (int)(properties - body) + size;
        return !ExpectsProperties || new ReadOnlySpan<byte>(properties, size).IndexOf(Properties.User) >= 0;
    }

    private void Answer(byte header, ushort packetId) =>
        Packets.WriteAck(Thread.Output.Reserve(Packets.AckSize), header, packetId);

    private void SubscribeToMore()
    {
        _asked = Math.Min(FiltersAtOnce, filters.Count - _subscribed);
        Thread.Output.Add(Packets.Subscribe(1, filters.Skip(_subscribed).Take(_asked), qos, Thread.Fleet.Level));
    }

    private void OnSubscribed(byte* body, int length)
    {
        var first = sizeof(ushort);
        if (IsOf5)
        {
            var properties = body + first;
            var size = Packets.ReadVariable(ref properties);
            first = (int)(properties - body) + size;
        }

        for (var at = first; at < length; at++)
        {
            if (body[at] != qos)
                Thread.Fail($"{ClientId} asked for QoS {qos} and was granted 0x{body[at]:X2}");
        }

        if (length - first != _asked)
            Thread.Fail($"{ClientId} asked for {_asked} filters and was answered for {length - first}");

        _subscribed += _asked;
        if (_subscribed < filters.Count)
            SubscribeToMore();
        else
            BecomeReady();
    }
}
