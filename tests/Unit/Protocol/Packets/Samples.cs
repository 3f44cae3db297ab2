using System.Buffers;
using CsCheck;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

/// <summary>Any packet of any type, as bytes; each is legal in its version.</summary>
internal static class Samples
{
    /// <summary>One byte block for each packet type and version, with everything in it that the version allows.</summary>
    public static IEnumerable<(ProtocolVersion Version, byte[] Packet)> RichOnes()
    {
        foreach (var version in Versions.All)
        {
            yield return (version, Bytes.Of(Connect(version), version));
            yield return (version, Bytes.Of(ConnAck, version));
            foreach (var qos in Enum.GetValues<QoS>())
                yield return (version, Bytes.Of(Publish(qos, version), version));

            for (var type = PacketType.PubAck; type <= PacketType.PubComp; type++)
                yield return (version, Bytes.Of(Ack(type), version));

            yield return (version, Bytes.Of(Subscribe, version));
            yield return (version, Bytes.Of(SubAck, version));
            yield return (version, Bytes.Of(Unsubscribe, version));
            yield return (version, Bytes.Of(UnsubAck, version));
            yield return (version, Bytes.Of(new PingPacket(PacketType.PingReq), version));
            yield return (version, Bytes.Of(new PingPacket(PacketType.PingResp), version));
            yield return (version, Bytes.Of(Disconnect, version));
        }

        yield return (ProtocolVersion.V5, Bytes.Of(Auth, ProtocolVersion.V5));
    }

    private static readonly string[] Characters = ["a", "b/c", "ä", "€", "\U0001F600", " ", "\uFEFF"];

    public static readonly UserProperty[] User = [new("name", "value"), new("name", "again"), new("", "")];

    /// <summary>A text of legal characters, from one byte to four.</summary>
    public static readonly Gen<string> Text =
        Gen.Int[0, Characters.Length - 1].Select(at => Characters[at]).Array[0, 6].Select(string.Concat);

    public static readonly Gen<string> Topic = Text.Select(text => "t" + text);

    public static readonly Gen<UserProperty[]> UserProperties =
        Gen.Select(Text, Text, (name, value) => new UserProperty(name, value)).Array[0, 3];

    public static ConnAckPacket ConnAck => new()
    {
        Properties = new ConnAckProperties
        {
            SessionExpiryInterval = 1,
            ReceiveMaximum = 2,
            MaximumQoS = QoS.AtLeastOnce,
            RetainAvailable = false,
            MaximumPacketSize = 3,
            AssignedClientIdentifier = "assigned",
            TopicAliasMaximum = 4,
            ReasonString = "because",
            WildcardSubscriptionAvailable = false,
            SubscriptionIdentifierAvailable = true,
            SharedSubscriptionAvailable = false,
            ServerKeepAlive = 5,
            ResponseInformation = "response",
            ServerReference = "elsewhere",
            AuthenticationMethod = "method",
            AuthenticationData = new byte[] { 0, 1, 2 },
            UserProperties = User,
        },
    };

    public static SubscribePacket Subscribe => new()
    {
        PacketId = 300,
        SubscriptionIdentifier = 128,
        UserProperties = User,
        Requests =
        [
            new("a/+", QoS.AtMostOnce) { NoLocal = true },
            new("#", QoS.ExactlyOnce) { RetainAsPublished = true, RetainHandling = RetainHandling.SendIfNew },
            new("$share/g/a", QoS.AtLeastOnce) { RetainHandling = RetainHandling.DoNotSend },
        ],
    };

    public static SubAckPacket SubAck => new()
    {
        PacketId = 300,
        Reasons = [ReasonCode.Success, ReasonCode.GrantedQoS1, ReasonCode.GrantedQoS2, ReasonCode.QuotaExceeded],
        ReasonString = "because",
        UserProperties = User,
    };

    public static UnsubscribePacket Unsubscribe => new()
    {
        PacketId = 300,
        Filters = ["a/+", "$share/g/a"],
        UserProperties = User,
    };

    public static UnsubAckPacket UnsubAck => new()
    {
        PacketId = 300,
        Reasons = [ReasonCode.Success, ReasonCode.NoSubscriptionExisted],
        ReasonString = "because",
        UserProperties = User,
    };

    public static DisconnectPacket Disconnect => new()
    {
        Reason = ReasonCode.ServerMoved,
        SessionExpiryInterval = 7,
        ReasonString = "because",
        ServerReference = "elsewhere",
        UserProperties = User,
    };

    public static AuthPacket Auth => new()
    {
        Reason = ReasonCode.ContinueAuthentication,
        AuthenticationMethod = "method",
        AuthenticationData = new byte[] { 0, 1, 2 },
        ReasonString = "because",
        UserProperties = User,
    };

    public static MessageProperties Message => new()
    {
        PayloadFormatIndicator = true,
        ContentType = "text/plain",
        ResponseTopic = "answer/here",
        CorrelationData = new byte[] { 9, 8 },
        UserProperties = User,
    };

    public static ConnectPacket Connect(ProtocolVersion version) => new()
    {
        Version = version,
        CleanStart = false,
        KeepAlive = 60,
        ClientId = "client",
        UserName = "user",
        Password = new byte[] { 1, 0, 2 },
        Properties = version is not ProtocolVersion.V5 ? ConnectProperties.None : new ConnectProperties
        {
            SessionExpiryInterval = 1,
            ReceiveMaximum = 2,
            MaximumPacketSize = 3,
            TopicAliasMaximum = 4,
            RequestResponseInformation = true,
            RequestProblemInformation = false,
            AuthenticationMethod = "method",
            AuthenticationData = new byte[] { 0, 1, 2 },
            UserProperties = User,
        },
        Will = new ConnectWill
        {
            Topic = "will",
            Payload = new byte[] { 3, 0, 4 },
            QoS = QoS.ExactlyOnce,
            Retain = true,
            DelayInterval = version is ProtocolVersion.V5 ? 5u : 0,
            MessageExpiryInterval = version is ProtocolVersion.V5 ? 6u : null,
            Properties = version is ProtocolVersion.V5 ? Message.ToBlock() : default(ReadOnlyMemory<byte>),
        },
    };

    public static PublishPacket Publish(QoS qos, ProtocolVersion version) => new()
    {
        QoS = qos,
        PacketId = qos is QoS.AtMostOnce ? (ushort)0 : (ushort)300,
        Retain = true,
        Dup = qos is not QoS.AtMostOnce,
        Topic = "some/topic"u8,
        Properties = version is ProtocolVersion.V5 ? Message.ToBlock() : default(ReadOnlySpan<byte>),
        Payload = new ReadOnlySequence<byte>([1, 2, 3, 4, 5]),
    };

    public static AckPacket Ack(PacketType type) => new(type, 300, ReasonFor(type))
    {
        Properties = Bytes.Hex("1F 0002 6869 26 0001 61 0000"),
    };

    private static ReasonCode ReasonFor(PacketType type) =>
        type is PacketType.PubAck or PacketType.PubRec ? ReasonCode.QuotaExceeded : ReasonCode.PacketIdentifierNotFound;
}
