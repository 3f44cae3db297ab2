using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>The shape of a packet: it is read from a frame, and it writes what follows the fixed header.</summary>
public interface IPacket<TSelf>
    where TSelf : IPacket<TSelf>, allows ref struct
{
    /// <summary>The first byte: type and flags.</summary>
    byte Header { get; }

    static abstract TSelf Read(in Frame frame, ProtocolVersion version);

    /// <summary>Writes the body, or counts it: called with both kinds of writer.</summary>
    void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version);
}
