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
        if (block.IsEmpty)
            return None;

        var read = new Reading();
        var property = new PropertyReader(block, PropertyScope.Connect);
        while (property.MoveNext())
            read.Take(property);

        return read.Done();
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

    /// <summary>Gathers what the block says, property by property.</summary>
    private sealed class Reading
    {
        private ConnectProperties _read = new();
        private List<UserProperty>? _userProperties;

        public void Take(in PropertyReader property)
        {
            var (number, isSet) = (property.Number, property.IsSet);
            switch (property.Id)
            {
                case PropertyId.SessionExpiryInterval:
                    _read = _read with { SessionExpiryInterval = number };
                    break;
                case PropertyId.ReceiveMaximum:
                    _read = _read with { ReceiveMaximum = (ushort)number };
                    break;
                case PropertyId.MaximumPacketSize:
                    _read = _read with { MaximumPacketSize = number };
                    break;
                case PropertyId.TopicAliasMaximum:
                    _read = _read with { TopicAliasMaximum = (ushort)number };
                    break;
                case PropertyId.RequestResponseInformation:
                    _read = _read with { RequestResponseInformation = isSet };
                    break;
                case PropertyId.RequestProblemInformation:
                    _read = _read with { RequestProblemInformation = isSet };
                    break;
                case PropertyId.AuthenticationMethod:
                    _read = _read with { AuthenticationMethod = property.Text };
                    break;
                case PropertyId.AuthenticationData:
                    _read = _read with { AuthenticationData = property.Bytes.ToArray() };
                    break;
                case PropertyId.UserProperty:
                    (_userProperties ??= []).Add(UserProperty.From(property));
                    break;
            }
        }

        public ConnectProperties Done()
        {
            if (_read.AuthenticationData is not null && _read.AuthenticationMethod is null)
                ProtocolException.ThrowProtocolError("Authentication data without a method, chapter 3.1.2.11.10.");

            return _userProperties is null ? _read : _read with { UserProperties = _userProperties };
        }
    }
}
