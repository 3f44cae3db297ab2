using System.Buffers;
using System.Runtime.CompilerServices;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>PUBLISH, chapter 3.3. Its bytes are borrowed from the frame: copy them before the first await.</summary>
public readonly ref struct PublishPacket : IPacket<PublishPacket>
{
    private readonly ReadOnlySequence<byte> _source;
    private readonly ReadOnlySpan<byte> _payload;
    private readonly int _payloadAt;

    // Sets every field once: an initializer would build the packet beside its place and copy it there.
    private PublishPacket(
        in Frame frame,
        int payloadAt,
        ReadOnlySpan<byte> topic,
        ushort packetId,
        ReadOnlySpan<byte> properties,
        scoped in PublishProperties known)
    {
        var flags = frame.Header;
        Dup = (flags & PublishWriter.DupFlag) != 0;
        Retain = (flags & PublishWriter.RetainFlag) != 0;
        QoS = PublishWriter.QoSOf(flags);
        PacketId = packetId;
        Topic = topic;
        Properties = properties;
        Known = known;
        PayloadLength = frame.Length - payloadAt;
        _source = frame.Source;
        _payloadAt = frame.Start + payloadAt;
        _payload = frame.IsContiguous ? frame.Span[payloadAt..] : default;
    }

    public bool Dup { get; init; }

    public bool Retain { get; init; }

    public QoS QoS { get; init; }

    /// <summary>0 with QoS 0, where there is none [MQTT-2.2.1-2].</summary>
    public ushort PacketId { get; init; }

    /// <summary>A valid topic name in UTF-8; empty only where MQTT 5 says it by alias.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The validated property block of MQTT 5 without its length, else empty.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>What a broker interprets of <see cref="Properties"/>; known of a packet that was read.</summary>
    public PublishProperties Known { get; private init; }

    public int PayloadLength { get; private init; }

    public ReadOnlySequence<byte> Payload
    {
        get => _source.Slice(_payloadAt, PayloadLength);
        init
        {
            _source = value;
            PayloadLength = checked((int)value.Length);
            _payloadAt = 0;
            _payload = value.IsSingleSegment ? value.FirstSpan : default;
        }
    }

    public byte Header => PublishWriter.HeaderOf(QoS, Retain, Dup);

    /// <summary>The payload in one piece, as it nearly always is; false when it lies in several.</summary>
    public bool TryGetPayloadSpan(out ReadOnlySpan<byte> payload)
    {
        payload = _payload;
        return _payload.Length == PayloadLength;
    }

    public void CopyPayloadTo(Span<byte> destination)
    {
        if (TryGetPayloadSpan(out var payload))
            payload.CopyTo(destination);
        else
            Payload.CopyTo(destination);
    }

    /// <summary>Reads what a client sent.</summary>
    public static PublishPacket Read(in Frame frame, ProtocolVersion version) => Read(frame, version, fromClient: true);

    /// <summary>Reads what a server sent, which may name the subscriptions that matched.</summary>
    public static PublishPacket ReadFromServer(in Frame frame, ProtocolVersion version) =>
        Read(frame, version, fromClient: false);

    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        writer.WriteBinary(Topic);
        if (QoS is not QoS.AtMostOnce)
            writer.WriteUInt16(PacketId);

        if (version is ProtocolVersion.V5)
        {
            writer.WriteVarInt(Properties.Length);
            writer.WriteBytes(Properties);
        }

        foreach (var piece in Payload)
            writer.WriteBytes(piece.Span);
    }

    private static PublishPacket Read(in Frame frame, ProtocolVersion version, bool fromClient)
    {
        var qos = PublishWriter.QoSOf(frame.Header);
        var bytes = new MqttReader(frame.IsContiguous ? frame.Span : PublishHead.Join(frame.Body, qos, version));
        var length = bytes.Remaining;

        var topic = bytes.ReadBinary();
        var packetId = qos is QoS.AtMostOnce ? (ushort)0 : bytes.ReadPacketId();
        var properties = version is ProtocolVersion.V5 ? bytes.ReadPropertyBlock() : default;
        var known = properties.IsEmpty ? default : PublishProperties.Read(properties, PropertyScope.Publish);
        if (!TopicName.IsValid(topic))
            JudgeTopic(topic, version, known);
        if (fromClient && known.SubscriptionIdentifiers > 0)
            ProtocolException.ThrowProtocolError("A client sent a subscription identifier. [MQTT-3.3.4-6]");

        return new PublishPacket(frame, length - bytes.Remaining, topic, packetId, properties, known);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void JudgeTopic(ReadOnlySpan<byte> topic, ProtocolVersion version, in PublishProperties known)
    {
        if (!topic.IsEmpty && MqttText.IsValid(topic))
            ProtocolException.Throw(ReasonCode.TopicNameInvalid, "A topic name has no wildcards. [MQTT-3.3.2-2]");

        if (!topic.IsEmpty || version is not ProtocolVersion.V5)
            ProtocolException.ThrowMalformed("The topic name of a PUBLISH is not valid.");

        if (known.TopicAlias == 0)
            ProtocolException.ThrowProtocolError("A PUBLISH has neither a topic name nor an alias.");
    }
}
