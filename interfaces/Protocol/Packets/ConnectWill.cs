using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>The will inside a CONNECT, chapter 3.1.2.5. It owns its bytes.</summary>
public sealed class ConnectWill
{
    public required string Topic { get; init; }

    public ReadOnlyMemory<byte> Payload { get; init; }

    public QoS QoS { get; init; }

    public bool Retain { get; init; }

    /// <summary>In seconds.</summary>
    public uint DelayInterval { get; init; }

    /// <summary>In seconds, counted from the will's publication; null when it never expires.</summary>
    public uint? MessageExpiryInterval { get; init; }

    /// <summary>
    /// The properties that the will is published with, validated: the block of MQTT 5 without delay and expiry,
    /// and without its length.
    /// </summary>
    public ReadOnlyMemory<byte> Properties { get; init; }

    internal ConnectFlags Flags =>
        ConnectFlags.Will | QoS.ToWillFlags() | (Retain ? ConnectFlags.WillRetain : 0);

    internal static ConnectWill Read(scoped ref MqttReader bytes, ConnectFlags flags, ProtocolVersion version)
    {
        var block = version is ProtocolVersion.V5 ? bytes.ReadPropertyBlock() : default;
        var (delay, expiry, properties) = WillProperties.Read(block);
        var topic = bytes.ReadUtf8();
        if (!TopicName.IsValid(topic))
            JudgeTopic(topic);

        return new ConnectWill
        {
            Topic = MqttText.Decode(topic),
            Payload = bytes.ReadBinary().ToArray(),
            QoS = flags.WillQoS(),
            Retain = flags.HasFlag(ConnectFlags.WillRetain),
            DelayInterval = delay,
            MessageExpiryInterval = expiry,
            Properties = properties,
        };
    }

    private static void JudgeTopic(ReadOnlySpan<byte> topic) => ProtocolException.Throw(
        topic.IsEmpty ? ReasonCode.MalformedPacket : ReasonCode.TopicNameInvalid, "The topic name of the will is not valid.");

    internal void WriteTo(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        if (version is ProtocolVersion.V5)
            PropertyWriter.WriteBlock(ref writer, new WillProperties(DelayInterval, MessageExpiryInterval, Properties));

        writer.WriteString(Topic);
        writer.WriteBinary(Payload.Span);
    }
}
