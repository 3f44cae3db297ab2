using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>Sends numbered messages in bursts, as fast as its windows open.</summary>
internal sealed unsafe class Publisher : Client
{
    private readonly PublisherPlan _plan;
    private readonly int _burst;
    private PublishTemplate _template;
    private long _sent;
    private long _acknowledged;
    private long _received; // PUBREC, QoS 2
    private int _topic;
    private long _round;
    private long _misacknowledged;

    public Publisher(LoadThread thread, string clientId, PublisherPlan plan, bool isClean = true)
        : base(thread, clientId, isClean)
    {
        _plan = plan;
        _template = new PublishTemplate(plan, thread.Fleet.Level, plan.TopicName(0));
        var limit = plan.QoS is 0 ? plan.Window : plan.InFlight;
        if (plan.Window > 0)
            limit = Math.Min(limit, plan.Window);

        // Half a window at a time: real publishers burst, and a write for each single message would measure us.
        _burst = Math.Clamp(limit / 2, 1, Gather.Capacity / 2 / _template.Length);
    }

    public int Number => _plan.Number;

    public long Sent => Volatile.Read(ref _sent);

    public bool IsSettled => Volatile.Read(ref _acknowledged) == Sent || _plan.QoS is 0;

    public bool HasSettled(long messages) => Sent == messages && IsSettled;

    public Faults Faults => new(0, 0, 0, 0, _misacknowledged);

    public PublisherPlan Plan => _plan;

    /// <summary>Publishes until so many are sent in all.</summary>
    public long Target { get; set; }

    public long SentTo(int topic) => Sent / _plan.Topics + (topic < Sent % _plan.Topics ? 1 : 0);

    public void Pump()
    {
        var wanted = Target - _sent;
        if (wanted <= 0 || HasUnsent || !IsReady)
            return;

        var allowed = Math.Min(wanted, Room());
        var burst = _plan.QoS is 0 ? _burst : Math.Min(_burst, Math.Max(1, ReceiveMaximum / 2));
        if (allowed < burst && allowed < wanted)
            return;

        allowed = Math.Min(allowed, Gather.Capacity / _template.Length);
        for (var count = 0; count < allowed; count++)
            Append(dueAt: 0);

        Send();
    }

    public void SendOne(long dueAt)
    {
        Append(dueAt);
        Send();
    }

    protected override void OnConnected(bool isSessionPresent)
    {
        if (_plan.HasProperties && Aliases is 0)
            Thread.Fail("the broker knows no topic aliases");

        base.OnConnected(isSessionPresent);
    }

    protected override void OnPacket(byte header, byte* body, int length)
    {
        var packetId = Packets.ReadUInt16(body);
        if (length > sizeof(ushort) && body[sizeof(ushort)] >= Packets.LeastFailure)
            Thread.Fail($"{ClientId} was told 0x{body[sizeof(ushort)]:X2} by a packet 0x{header:X2}");

        switch (header)
        {
            case Packets.PubAck when _plan.QoS is 1:
            case Packets.PubComp when _plan.QoS is 2:
                Check(packetId, _acknowledged);
                Volatile.Write(ref _acknowledged, _acknowledged + 1);
                break;

            case Packets.PubRec when _plan.QoS is 2:
                Check(packetId, _received++);
                Packets.WriteAck(Thread.Output.Reserve(Packets.AckSize), Packets.PubRel, packetId);
                break;

            default:
                base.OnPacket(header, body, length);
                break;
        }
    }

    /// <summary>Acknowledgements come in the order of what they acknowledge. [MQTT3-4.6.0-2] [MQTT3-4.6.0-3]</summary>
    private void Check(ushort packetId, long position)
    {
        if (packetId != PacketId(position))
            _misacknowledged++;
    }

    private long Room()
    {
        var inFlight = Math.Min(_plan.InFlight, ReceiveMaximum);
        var room = _plan.QoS is 0 ? long.MaxValue : inFlight - (_sent - _acknowledged);
        if (_plan.Window is 0)
            return room;

        var onTheirWay = _sent * _plan.Hearers - Thread.Fleet.Delivered(Number);
        return Math.Min(room, _plan.Window - (onTheirWay + _plan.Hearers - 1) / _plan.Hearers);
    }

    private void Append(long dueAt)
    {
        var template = _template;
        var at = Thread.Output.Reserve(template.Length);
        template.CopyTo(at);
        if (_plan.IsNumbered)
            WriteDigits(at + template.DigitsAt, (int)((long)_topic * _plan.Stride % _plan.Topics));

        if (_plan.QoS > 0)
        {
            var packetId = PacketId(_sent);
            at[template.PacketIdAt] = (byte)(packetId >> 8);
            at[template.PacketIdAt + 1] = (byte)packetId;
        }

        new Payload(Number, Number * _plan.Topics + _topic, _round, dueAt).Write(at + template.PayloadAt);
        Volatile.Write(ref _sent, _sent + 1);
        if (_plan.HasProperties && _sent is 1)
            _template = new PublishTemplate(_plan, Thread.Fleet.Level, topic: ""); // the alias is known from now on

        if (++_topic == _plan.Topics)
        {
            _topic = 0;
            _round++;
        }
    }

    // Seven digits, as PublisherPlan.TopicName writes them.
    private static void WriteDigits(byte* at, int number)
    {
        for (var place = 6; place >= 0; place--, number /= 10)
            at[place] = (byte)('0' + number % 10);
    }

    private static ushort PacketId(long position) => (ushort)(position % ushort.MaxValue + 1);
}
