using System.Buffers;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// Writes a PUBLISH for one client of MQTT 5: with what is left of the message's life, an alias for the topic, and the
/// subscriptions that it answers.
/// </summary>
internal sealed class PublishEncoder(ClientTerms terms, TimeProvider time)
{
    private readonly OutboundAliases _aliases = new(terms.TopicAliases);

    /// <summary>False when the packet would be larger than the client takes: then nothing was written. [MQTT-3.1.2-25]</summary>
    public bool TryWrite(
        IBufferWriter<byte> output, in MessageRecord record, QoS qos, ushort packetId, bool retain, bool dup,
        ReadOnlySpan<int> subscriptionIdentifiers)
    {
        var topic = record.Topic;
        var alias = _aliases.Known(topic);
        var said = alias == 0 ? topic : default;
        var properties = record.Properties;
        var extras = new PublishExtras
        {
            MessageExpiryInterval = record.Expiry == 0 ? null : MessageExpiry.Left(record.Expiry, time.GetUtcNow()),
            TopicAlias = alias,
            SubscriptionIdentifiers = subscriptionIdentifiers,
        };
        var size = PublishWriter.MeasureTotal(
            ProtocolVersion.V5, said.Length, qos, record.PayloadLength, properties.Length, extras);
        if (size > terms.MaximumPacketSize)
            return false;

        // What fits without the alias that the topic is to get must not be dropped for it.
        var given = alias == 0 && size <= terms.MaximumPacketSize - OutboundAliases.MostAdded ? _aliases.Offer(topic) : (ushort)0;
        if (given != 0)
            extras = extras with { TopicAlias = given };

        PublishWriter.Write(output, said, packetId, qos, retain, dup, record.Payload, properties, extras);
        if (given != 0)
            _aliases.Give(given, topic);
        return true;
    }
}
