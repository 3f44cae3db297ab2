namespace Orleans.Mqtt.Tests.Support;

/// <summary>The identifiers of the properties of MQTT 5.</summary>
public static class Prop
{
    public const int PayloadFormat = 0x01, MessageExpiry = 0x02, ContentType = 0x03, ResponseTopic = 0x08;
    public const int CorrelationData = 0x09, SubscriptionId = 0x0B, SessionExpiry = 0x11, AssignedClientId = 0x12;
    public const int ServerKeepAlive = 0x13, AuthMethod = 0x15, AuthData = 0x16, RequestProblems = 0x17;
    public const int WillDelay = 0x18, RequestResponse = 0x19, ResponseInformation = 0x1A, ServerReference = 0x1C;
    public const int ReasonString = 0x1F, ReceiveMaximum = 0x21, TopicAliasMaximum = 0x22, TopicAlias = 0x23;
    public const int MaximumQoS = 0x24, RetainAvailable = 0x25, User = 0x26, MaximumPacketSize = 0x27;
    public const int WildcardAvailable = 0x28, SubscriptionIdAvailable = 0x29, SharedAvailable = 0x2A;

    public static readonly int[] All =
    [
        PayloadFormat, MessageExpiry, ContentType, ResponseTopic, CorrelationData, SubscriptionId, SessionExpiry,
        AssignedClientId, ServerKeepAlive, AuthMethod, AuthData, RequestProblems, WillDelay, RequestResponse,
        ResponseInformation, ServerReference, ReasonString, ReceiveMaximum, TopicAliasMaximum, TopicAlias, MaximumQoS,
        RetainAvailable, User, MaximumPacketSize, WildcardAvailable, SubscriptionIdAvailable, SharedAvailable,
    ];
}

/// <summary>Properties of MQTT 5 one after the other, allowed or not.</summary>
public sealed class Props
{
    private readonly ByteBuilder _bytes = new();

    public Props Byte(int id, int value)
    {
        _bytes.Byte(id).Byte(value);
        return this;
    }

    public Props Short(int id, int value)
    {
        _bytes.Byte(id).Short(value);
        return this;
    }

    public Props Int(int id, uint value)
    {
        _bytes.Byte(id).Short((int)(value >> 16)).Short((int)(value & 0xFFFF));
        return this;
    }

    /// <summary>A number of seven bits a byte.</summary>
    public Props VarInt(int id, int value)
    {
        _bytes.Byte(id).Length(value);
        return this;
    }

    public Props Text(int id, string value)
    {
        _bytes.Byte(id).Text(value);
        return this;
    }

    public Props Binary(int id, params byte[] value)
    {
        _bytes.Byte(id).Binary(value);
        return this;
    }

    public Props User(string name, string value)
    {
        _bytes.Byte(Prop.User).Text(name).Text(value);
        return this;
    }

    public Props Raw(params byte[] bytes)
    {
        _bytes.Raw(bytes);
        return this;
    }

    /// <summary>Any property with a value that is legal where the property is.</summary>
    public Props Sample(int id) => RawProperty.ShapeOf(id) switch
    {
        1 => Byte(id, 1),
        2 => Short(id, 7),
        4 => Int(id, 70_000),
        'v' => VarInt(id, 7),
        'p' => User("name", "value"),
        _ => Text(id, "text"),
    };

    public byte[] ToArray() => _bytes.ToArray();
}
