using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>What the server sends of the retained messages when a subscription is made, chapter 3.8.3.1.</summary>
public enum RetainHandling : byte
{
    Send = 0,
    SendIfNew = 1,
    DoNotSend = 2,
}

/// <summary>One entry of a SUBSCRIBE: a valid filter, shared or not, and how its messages are wanted.</summary>
public readonly record struct SubscriptionRequest(string Filter, QoS QoS)
{
    private const byte QoSMask = 0b0000_0011;
    private const byte NoLocalFlag = 0b0000_0100;
    private const byte RetainAsPublishedFlag = 0b0000_1000;
    private const byte ReservedMask = 0b1100_0000;
    private const int RetainHandlingShift = 4;

    public bool NoLocal { get; init; }

    public bool RetainAsPublished { get; init; }

    public RetainHandling RetainHandling { get; init; }

    internal static SubscriptionRequest Read(scoped ref MqttReader bytes, ProtocolVersion version)
    {
        var filter = bytes.ReadUtf8();
        if (!TopicFilter.IsValid(filter))
            ProtocolException.Throw(ReasonCode.TopicFilterInvalid, "A topic filter is not valid. [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.3-1]");

        var options = bytes.ReadByte();
        if ((options & QoSMask) > (byte)QoS.ExactlyOnce)
            ProtocolException.ThrowMalformed("A subscription asks for QoS 3. [MQTT3-3.8.3-4]");

        var request = new SubscriptionRequest(MqttText.Decode(filter), (QoS)(options & QoSMask));
        if (version is ProtocolVersion.V5)
            return request.With(filter, options);

        // MQTT 3.1 left the upper bits unused.
        if (version is ProtocolVersion.V311 && (options & ~QoSMask) != 0)
            ProtocolException.ThrowMalformed("Reserved bits of a subscription are set. [MQTT3-3.8.3-4]");

        return request;
    }

    internal void WriteTo(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        writer.WriteString(Filter);
        var options = (int)QoS;
        if (version is ProtocolVersion.V5)
        {
            options |= (NoLocal ? NoLocalFlag : 0) | (RetainAsPublished ? RetainAsPublishedFlag : 0)
                | ((int)RetainHandling << RetainHandlingShift);
        }

        writer.WriteByte((byte)options);
    }

    private SubscriptionRequest With(ReadOnlySpan<byte> filter, byte options)
    {
        var handling = (RetainHandling)((options >> RetainHandlingShift) & 3);
        if ((options & ReservedMask) != 0)
            ProtocolException.ThrowMalformed("Reserved bits of a subscription are set. [MQTT-3.8.3-5]");

        if (handling > RetainHandling.DoNotSend)
            ProtocolException.ThrowProtocolError("Retain handling 3, chapter 3.8.3.1.");

        var noLocal = (options & NoLocalFlag) != 0;
        if (SharedFilter.IsShared(filter))
        {
            if (!SharedFilter.TryParse(filter, out _, out _))
                ProtocolException.ThrowProtocolError("A shared filter is not valid. [MQTT-4.8.2-1] [MQTT-4.8.2-2]");

            if (noLocal)
                ProtocolException.ThrowProtocolError("No Local on a shared subscription. [MQTT-3.8.3-4]");
        }

        return this with
        {
            NoLocal = noLocal,
            RetainAsPublished = (options & RetainAsPublishedFlag) != 0,
            RetainHandling = handling,
        };
    }
}
