using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>The properties of CONNECT, chapter 3.1.2.11; what a client does not say has the default of the specification.</summary>
public sealed record ConnectProperties : IPropertyBlock
{
    /// <summary>What a client says that says nothing.</summary>
    public static ConnectProperties None { get; } = new();

    /// <summary>In seconds; 0 ends the session with the connection, <see cref="uint.MaxValue"/> never ends it.</summary>
    public uint SessionExpiryInterval { get; init; }

    public ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>Null when only the protocol limits it.</summary>
    public uint? MaximumPacketSize { get; init; }

    public ushort TopicAliasMaximum { get; init; }

    public bool RequestResponseInformation { get; init; }

    public bool RequestProblemInformation { get; init; } = true;

    public string? AuthenticationMethod { get; init; }

    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    internal static ConnectProperties Read(ReadOnlySpan<byte> block)
    {
        var read = None;
        List<UserProperty>? user = null;
        var property = new PropertyReader(block, PropertyScope.Connect);
        while (property.MoveNext())
        {
            if (property.Id is PropertyId.UserProperty)
                (user ??= []).Add(UserProperty.From(property));
            else
                read = read.With(property);
        }

        if (read.AuthenticationData is not null && read.AuthenticationMethod is null)
            ProtocolException.ThrowProtocolError("Authentication data without a method, chapter 3.1.2.11.10.");

        return user is null ? read : read with { UserProperties = user };
    }

    void IPropertyBlock.WriteTo(scoped ref MqttWriter writer)
    {
        PropertyWriter.Write(
            ref writer, PropertyId.SessionExpiryInterval, SessionExpiryInterval == 0 ? null : SessionExpiryInterval);
        PropertyWriter.Write(
            ref writer, PropertyId.ReceiveMaximum, ReceiveMaximum == ushort.MaxValue ? null : ReceiveMaximum);
        PropertyWriter.Write(ref writer, PropertyId.MaximumPacketSize, MaximumPacketSize);
        PropertyWriter.Write(ref writer, PropertyId.TopicAliasMaximum, TopicAliasMaximum == 0 ? null : TopicAliasMaximum);
        PropertyWriter.Write(
            ref writer, PropertyId.RequestResponseInformation, RequestResponseInformation ? true : null);
        PropertyWriter.Write(ref writer, PropertyId.RequestProblemInformation, RequestProblemInformation ? null : false);
        PropertyWriter.Write(ref writer, PropertyId.AuthenticationMethod, AuthenticationMethod);
        PropertyWriter.Write(ref writer, PropertyId.AuthenticationData, AuthenticationData);
        PropertyWriter.Write(ref writer, UserProperties);
    }

    private ConnectProperties With(in PropertyReader property) => property.Id switch
    {
        PropertyId.SessionExpiryInterval => this with { SessionExpiryInterval = property.Number },
        PropertyId.ReceiveMaximum => this with { ReceiveMaximum = (ushort)property.Number },
        PropertyId.MaximumPacketSize => this with { MaximumPacketSize = property.Number },
        PropertyId.TopicAliasMaximum => this with { TopicAliasMaximum = (ushort)property.Number },
        PropertyId.RequestResponseInformation => this with { RequestResponseInformation = property.IsSet },
        PropertyId.RequestProblemInformation => this with { RequestProblemInformation = property.IsSet },
        PropertyId.AuthenticationMethod => this with { AuthenticationMethod = property.Text },
        PropertyId.AuthenticationData => this with { AuthenticationData = property.Bytes.ToArray() },
        _ => this,
    };
}
