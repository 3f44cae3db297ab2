using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>DISCONNECT, chapter 3.14: from a client always, from a server only in MQTT 5.</summary>
public sealed class DisconnectPacket : IPacket<DisconnectPacket>, IPropertyBlock
{
    public ReasonCode Reason { get; init; }

    /// <summary>In seconds; a client changes what it said in CONNECT, a server never sends it [MQTT-3.14.2-2].</summary>
    public uint? SessionExpiryInterval { get; init; }

    public string? ReasonString { get; init; }

    public string? ServerReference { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public byte Header => (int)PacketType.Disconnect << 4;

    private bool HasProperties =>
        SessionExpiryInterval is not null || ReasonString is not null || ServerReference is not null
        || UserProperties.Count > 0;

    public static DisconnectPacket Read(in Frame frame, ProtocolVersion version)
    {
        var bytes = new MqttReader(frame);
        if (version is not ProtocolVersion.V5)
            bytes.ExpectEnd();

        if (bytes.AtEnd)
            return new DisconnectPacket();

        var reason = (ReasonCode)bytes.ReadByte();
        if (!PacketType.Disconnect.Allows(reason))
            ProtocolException.ThrowMalformed($"DISCONNECT does not know reason 0x{(byte)reason:X2}.");

        var properties = bytes.AtEnd ? default : bytes.ReadPropertyBlock();
        bytes.ExpectEnd();
        return Read(reason, properties);
    }

    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        if (version is not ProtocolVersion.V5 || (Reason is ReasonCode.Success && !HasProperties))
            return;

        writer.WriteByte((byte)Reason);
        if (HasProperties)
            PropertyWriter.WriteBlock(ref writer, this);
    }

    void IPropertyBlock.WriteTo(scoped ref MqttWriter writer)
    {
        PropertyWriter.Write(ref writer, PropertyId.SessionExpiryInterval, SessionExpiryInterval);
        PropertyWriter.Write(ref writer, PropertyId.ReasonString, ReasonString);
        PropertyWriter.Write(ref writer, PropertyId.ServerReference, ServerReference);
        PropertyWriter.Write(ref writer, UserProperties);
    }

    private static DisconnectPacket Read(ReasonCode reason, ReadOnlySpan<byte> block)
    {
        uint? expiry = null;
        string? text = null;
        string? reference = null;
        List<UserProperty>? user = null;
        var property = new PropertyReader(block, PropertyScope.Disconnect);
        while (property.MoveNext())
        {
            switch (property.Id)
            {
                case PropertyId.SessionExpiryInterval:
                    expiry = property.Number;
                    break;
                case PropertyId.ReasonString:
                    text = property.Text;
                    break;
                case PropertyId.ServerReference:
                    reference = property.Text;
                    break;
                default:
                    (user ??= []).Add(UserProperty.From(property));
                    break;
            }
        }

        return new DisconnectPacket
        {
            Reason = reason,
            SessionExpiryInterval = expiry,
            ReasonString = text,
            ServerReference = reference,
            UserProperties = user ?? [],
        };
    }
}
