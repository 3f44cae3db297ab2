using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>The name and the level that CONNECT begins with, chapters 3.1.2.1 and 3.1.2.2.</summary>
internal static class ProtocolName
{
    /// <summary>How the body of a CONNECT of MQTT 5 begins.</summary>
    public static ReadOnlySpan<byte> Version5 => [0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 5];

    private static ReadOnlySpan<byte> Mqtt => "MQTT"u8;

    /// <summary>The name that MQTT 3.1 had.</summary>
    private static ReadOnlySpan<byte> MqIsdp => "MQIsdp"u8;

    public static ProtocolVersion Read(scoped ref MqttReader bytes)
    {
        var name = bytes.ReadBinary();
        var isOld = name.SequenceEqual(MqIsdp);
        if (!isOld && !name.SequenceEqual(Mqtt))
            ProtocolException.ThrowMalformed("The protocol name is not MQTT. [MQTT-3.1.2-1]");

        var level = bytes.ReadByte();
        var version = (ProtocolVersion)level;
        var isKnown = isOld
            ? version is ProtocolVersion.V31
            : version is ProtocolVersion.V311 or ProtocolVersion.V5;
        if (!isKnown)
            ProtocolException.Throw(ReasonCode.UnsupportedProtocolVersion, $"Protocol level {level}. [MQTT-3.1.2-2]");

        return version;
    }

    public static void Write(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        writer.WriteBinary(version is ProtocolVersion.V31 ? MqIsdp : Mqtt);
        writer.WriteByte((byte)version);
    }
}
