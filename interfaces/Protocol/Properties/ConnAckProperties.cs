using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>The properties of CONNACK, chapter 3.2.2.3; null stands for the default of the specification.</summary>
public sealed record ConnAckProperties : IPropertyBlock
{
    public static ConnAckProperties None { get; } = new();

    /// <summary>In seconds; null when it is what the client asked for.</summary>
    public uint? SessionExpiryInterval { get; init; }

    public ushort? ReceiveMaximum { get; init; }

    /// <summary>Null for QoS 2.</summary>
    public QoS? MaximumQoS { get; init; }

    public bool? RetainAvailable { get; init; }

    public uint? MaximumPacketSize { get; init; }

    public string? AssignedClientIdentifier { get; init; }

    public ushort? TopicAliasMaximum { get; init; }

    public string? ReasonString { get; init; }

    public bool? WildcardSubscriptionAvailable { get; init; }

    public bool? SubscriptionIdentifierAvailable { get; init; }

    public bool? SharedSubscriptionAvailable { get; init; }

    /// <summary>In seconds; null when it is what the client asked for.</summary>
    public ushort? ServerKeepAlive { get; init; }

    public string? ResponseInformation { get; init; }

    public string? ServerReference { get; init; }

    public string? AuthenticationMethod { get; init; }

    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    internal static ConnAckProperties Read(ReadOnlySpan<byte> block)
    {
        var read = None;
        List<UserProperty>? user = null;
        var property = new PropertyReader(block, PropertyScope.ConnAck);
        while (property.MoveNext())
        {
            if (property.Id is PropertyId.UserProperty)
                (user ??= []).Add(UserProperty.From(property));
            else
                read = read.With(property);
        }

        return user is null ? read : read with { UserProperties = user };
    }

    void IPropertyBlock.WriteTo(scoped ref MqttWriter writer)
    {
        PropertyWriter.Write(ref writer, PropertyId.SessionExpiryInterval, SessionExpiryInterval);
        PropertyWriter.Write(ref writer, PropertyId.ReceiveMaximum, ReceiveMaximum);
        if (MaximumQoS is { } qos and not QoS.ExactlyOnce)
            PropertyWriter.Write(ref writer, PropertyId.MaximumQoS, qos is QoS.AtLeastOnce);

        PropertyWriter.Write(ref writer, PropertyId.RetainAvailable, RetainAvailable);
        PropertyWriter.Write(ref writer, PropertyId.MaximumPacketSize, MaximumPacketSize);
        PropertyWriter.Write(ref writer, PropertyId.AssignedClientIdentifier, AssignedClientIdentifier);
        PropertyWriter.Write(ref writer, PropertyId.TopicAliasMaximum, TopicAliasMaximum);
        PropertyWriter.Write(ref writer, PropertyId.ReasonString, ReasonString);
        PropertyWriter.Write(ref writer, PropertyId.WildcardSubscriptionAvailable, WildcardSubscriptionAvailable);
        PropertyWriter.Write(ref writer, PropertyId.SubscriptionIdentifierAvailable, SubscriptionIdentifierAvailable);
        PropertyWriter.Write(ref writer, PropertyId.SharedSubscriptionAvailable, SharedSubscriptionAvailable);
        PropertyWriter.Write(ref writer, PropertyId.ServerKeepAlive, ServerKeepAlive);
        PropertyWriter.Write(ref writer, PropertyId.ResponseInformation, ResponseInformation);
        PropertyWriter.Write(ref writer, PropertyId.ServerReference, ServerReference);
        PropertyWriter.Write(ref writer, PropertyId.AuthenticationMethod, AuthenticationMethod);
        PropertyWriter.Write(ref writer, PropertyId.AuthenticationData, AuthenticationData);
        PropertyWriter.Write(ref writer, UserProperties);
    }

    private ConnAckProperties With(in PropertyReader property) => property.Id switch
    {
        PropertyId.SessionExpiryInterval => this with { SessionExpiryInterval = property.Number },
        PropertyId.ReceiveMaximum => this with { ReceiveMaximum = (ushort)property.Number },
        PropertyId.MaximumQoS => this with { MaximumQoS = (QoS)property.Number },
        PropertyId.RetainAvailable => this with { RetainAvailable = property.IsSet },
        PropertyId.MaximumPacketSize => this with { MaximumPacketSize = property.Number },
        PropertyId.AssignedClientIdentifier => this with { AssignedClientIdentifier = property.Text },
        PropertyId.TopicAliasMaximum => this with { TopicAliasMaximum = (ushort)property.Number },
        PropertyId.ReasonString => this with { ReasonString = property.Text },
        PropertyId.WildcardSubscriptionAvailable => this with { WildcardSubscriptionAvailable = property.IsSet },
        PropertyId.SubscriptionIdentifierAvailable => this with { SubscriptionIdentifierAvailable = property.IsSet },
        PropertyId.SharedSubscriptionAvailable => this with { SharedSubscriptionAvailable = property.IsSet },
        PropertyId.ServerKeepAlive => this with { ServerKeepAlive = (ushort)property.Number },
        PropertyId.ResponseInformation => this with { ResponseInformation = property.Text },
        PropertyId.ServerReference => this with { ServerReference = property.Text },
        PropertyId.AuthenticationMethod => this with { AuthenticationMethod = property.Text },
        PropertyId.AuthenticationData => this with { AuthenticationData = property.Bytes.ToArray() },
        _ => this,
    };
}
