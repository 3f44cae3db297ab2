using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Broker.V5.Properties;

/// <summary>Where a client may put properties: a packet for each place, and the properties that the standard lists for it.</summary>
internal sealed record PropertyPlace(string Name, int[] Allowed, Func<Props, byte[]> Packet)
{
    private static readonly int[] Message =
    [
        Prop.PayloadFormat, Prop.MessageExpiry, Prop.ContentType, Prop.ResponseTopic, Prop.CorrelationData, Prop.User,
    ];

    private static readonly int[] Answer = [Prop.ReasonString, Prop.User];

    public static readonly PropertyPlace Connect = new(
        "CONNECT",
        [
            Prop.SessionExpiry, Prop.ReceiveMaximum, Prop.MaximumPacketSize, Prop.TopicAliasMaximum, Prop.RequestResponse,
            Prop.RequestProblems, Prop.User, Prop.AuthMethod,
        ],
        properties => Support.Packet.Connect(ConnectOptions.Version5 with { Properties = properties }));

    public static readonly PropertyPlace Will = new(
        "the will",
        [.. Message, Prop.WillDelay],
        properties => Support.Packet.Connect(ConnectOptions.Version5 with
        {
            Will = new Will(Unique.Topic(), "will") { Properties = properties },
        }));

    /// <summary>Those that a client sends when it is in.</summary>
    public static readonly PropertyPlace[] InSession =
    [
        new("PUBLISH", [.. Message, Prop.TopicAlias],
            properties => Support.Packet.Publish(Unique.Topic(), "", properties: properties)),
        new("PUBACK", Answer, properties => Support.Packet.Ack(RawType.PubAck, 1, 0, properties)),
        new("PUBREC", Answer, properties => Support.Packet.Ack(RawType.PubRec, 1, 0x80, properties)),
        new("PUBREL", Answer, properties => Support.Packet.Ack(RawType.PubRel, 1, 0x92, properties)),
        new("PUBCOMP", Answer, properties => Support.Packet.Ack(RawType.PubComp, 1, 0, properties)),
        new("SUBSCRIBE", [Prop.SubscriptionId, Prop.User],
            properties => Support.Packet.Subscribe(1, properties, (Unique.Topic(), 0))),
        new("UNSUBSCRIBE", [Prop.User], properties => Support.Packet.Unsubscribe(1, properties, Unique.Topic())),
        new("DISCONNECT", [Prop.ReasonString, Prop.User, Prop.ServerReference],
            properties => Support.Packet.Goodbye(0, properties)),
    ];

    public bool Allows(int id) => Allowed.Contains(id);

    public override string ToString() => Name;
}
