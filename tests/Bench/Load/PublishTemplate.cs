using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>A publisher's PUBLISH with what differs from message to message left open.</summary>
internal sealed unsafe class PublishTemplate
{
    private readonly byte[] _pinned;
    private readonly byte* _packet;

    public PublishTemplate(PublisherPlan plan, byte level, string topic)
    {
        var properties = level < Packets.Level5 ? [] : plan.HasProperties ? Properties.UserAndAlias : Properties.None;
        var packet = Packets.PublishTemplate(
            topic, plan.QoS, plan.IsRetained, properties, plan.PayloadSize,
            out var topicAt, out var packetIdAt, out var payloadAt);
        _pinned = GC.AllocateUninitializedArray<byte>(packet.Length, pinned: true);
        packet.CopyTo(_pinned, 0);
        fixed (byte* first = _pinned)
            _packet = first;

        DigitsAt = topicAt + plan.Topic.Length;
        PacketIdAt = packetIdAt;
        PayloadAt = payloadAt;
    }

    public int Length => _pinned.Length;

    public int DigitsAt { get; }

    public int PacketIdAt { get; }

    public int PayloadAt { get; }

    public void CopyTo(byte* at) => Buffer.MemoryCopy(_packet, at, Length, Length);
}
