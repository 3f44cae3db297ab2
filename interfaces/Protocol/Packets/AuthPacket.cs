using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>AUTH, chapter 3.15: one step of an enhanced authentication, in MQTT 5 only.</summary>
public sealed class AuthPacket : IPacket<AuthPacket>, IPropertyBlock
{
    public ReasonCode Reason { get; init; }

    public string? AuthenticationMethod { get; init; }

    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    public string? ReasonString { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public byte Header => (int)PacketType.Auth << 4;

    private bool HasProperties =>
        AuthenticationMethod is not null || AuthenticationData is not null || ReasonString is not null
        || UserProperties.Count > 0;

    public static AuthPacket Read(in Frame frame, ProtocolVersion version)
    {
        if (version is not ProtocolVersion.V5)
            ProtocolException.ThrowMalformed("AUTH came with MQTT 5.");

        var bytes = new MqttReader(frame);
        if (bytes.AtEnd)
            return new AuthPacket();

        var reason = (ReasonCode)bytes.ReadByte();
        if (!PacketType.Auth.Allows(reason))
            ProtocolException.ThrowMalformed($"AUTH does not know reason 0x{(byte)reason:X2}.");

        var properties = bytes.ReadPropertyBlock();
        bytes.ExpectEnd();
        return Read(reason, properties);
    }

    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        if (Reason is ReasonCode.Success && !HasProperties)
            return;

        writer.WriteByte((byte)Reason);
        PropertyWriter.WriteBlock(ref writer, this);
    }

    void IPropertyBlock.WriteTo(scoped ref MqttWriter writer)
    {
        PropertyWriter.Write(ref writer, PropertyId.AuthenticationMethod, AuthenticationMethod);
        PropertyWriter.Write(ref writer, PropertyId.AuthenticationData, AuthenticationData);
        PropertyWriter.Write(ref writer, PropertyId.ReasonString, ReasonString);
        PropertyWriter.Write(ref writer, UserProperties);
    }

    private static AuthPacket Read(ReasonCode reason, ReadOnlySpan<byte> block)
    {
        string? method = null;
        ReadOnlyMemory<byte>? data = null;
        string? text = null;
        List<UserProperty>? user = null;
        var property = new PropertyReader(block, PropertyScope.Auth);
        while (property.MoveNext())
        {
            switch (property.Id)
            {
                case PropertyId.AuthenticationMethod:
                    method = property.Text;
                    break;
                case PropertyId.AuthenticationData:
                    data = property.Bytes.ToArray();
                    break;
                case PropertyId.ReasonString:
                    text = property.Text;
                    break;
                default:
                    (user ??= []).Add(UserProperty.From(property));
                    break;
            }
        }

        if (method is null)
            ProtocolException.ThrowProtocolError("AUTH without a method, chapter 3.15.2.2.2.");

        return new AuthPacket
        {
            Reason = reason,
            AuthenticationMethod = method,
            AuthenticationData = data,
            ReasonString = text,
            UserProperties = user ?? [],
        };
    }
}
