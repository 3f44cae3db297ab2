using static Orleans.Mqtt.Protocol.Properties.PropertyScope;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>Table 2-4 as data: for each property its shape and the packets that may carry it.</summary>
internal static class PropertyTable
{
    private const PropertyScope Message = Publish | Will;
    private const PropertyScope Opening = Connect | ConnAck;
    private const PropertyScope Answers =
        ConnAck | PubAck | PubRec | PubRel | PubComp | SubAck | UnsubAck | Disconnect | Auth;

    private const int Size = 0x2B;

    private static readonly Row[] Rows = Build();

    /// <summary>An unknown identifier has a row that no packet may carry.</summary>
    public static ref readonly Row Of(byte id) => ref Rows[id < Size ? id : 0];

    private static Row[] Build()
    {
        var rows = new Row[Size];
        void Add(PropertyId id, PropertyShape shape, PropertyScope scopes) => rows[(int)id] = new Row(shape, scopes);

        Add(PropertyId.PayloadFormatIndicator, PropertyShape.Boolean, Message);
        Add(PropertyId.MessageExpiryInterval, PropertyShape.UInt32, Message);
        Add(PropertyId.ContentType, PropertyShape.Text, Message);
        Add(PropertyId.ResponseTopic, PropertyShape.Topic, Message);
        Add(PropertyId.CorrelationData, PropertyShape.Binary, Message);
        Add(PropertyId.SubscriptionIdentifier, PropertyShape.PositiveVarInt, Publish | Subscribe);
        Add(PropertyId.SessionExpiryInterval, PropertyShape.UInt32, Opening | Disconnect);
        Add(PropertyId.AssignedClientIdentifier, PropertyShape.Text, ConnAck);
        Add(PropertyId.ServerKeepAlive, PropertyShape.UInt16, ConnAck);
        Add(PropertyId.AuthenticationMethod, PropertyShape.Text, Opening | Auth);
        Add(PropertyId.AuthenticationData, PropertyShape.Binary, Opening | Auth);
        Add(PropertyId.RequestProblemInformation, PropertyShape.Boolean, Connect);
        Add(PropertyId.WillDelayInterval, PropertyShape.UInt32, Will);
        Add(PropertyId.RequestResponseInformation, PropertyShape.Boolean, Connect);
        Add(PropertyId.ResponseInformation, PropertyShape.Text, ConnAck);
        Add(PropertyId.ServerReference, PropertyShape.Text, ConnAck | Disconnect);
        Add(PropertyId.ReasonString, PropertyShape.Text, Answers);
        Add(PropertyId.ReceiveMaximum, PropertyShape.PositiveUInt16, Opening);
        Add(PropertyId.TopicAliasMaximum, PropertyShape.UInt16, Opening);
        Add(PropertyId.TopicAlias, PropertyShape.UInt16, Publish);
        Add(PropertyId.MaximumQoS, PropertyShape.Boolean, ConnAck);
        Add(PropertyId.RetainAvailable, PropertyShape.Boolean, ConnAck);
        Add(PropertyId.UserProperty, PropertyShape.TextPair, Answers | Message | Connect | Subscribe | Unsubscribe);
        Add(PropertyId.MaximumPacketSize, PropertyShape.PositiveUInt32, Opening);
        Add(PropertyId.WildcardSubscriptionAvailable, PropertyShape.Boolean, ConnAck);
        Add(PropertyId.SubscriptionIdentifierAvailable, PropertyShape.Boolean, ConnAck);
        Add(PropertyId.SharedSubscriptionAvailable, PropertyShape.Boolean, ConnAck);
        return rows;
    }

    /// <summary>What is known of one property.</summary>
    internal readonly record struct Row(PropertyShape Shape, PropertyScope Scopes);
}
