using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>The topic aliases of one client; they end with its connection. [MQTT-3.3.2-7]</summary>
internal sealed class InboundAliases(int maximum)
{
    private byte[]?[] _topics = [];

    /// <summary>The topic of a PUBLISH that carries an alias.</summary>
    public ReadOnlySpan<byte> Resolve(scoped in PublishPacket packet)
    {
        var alias = packet.Known.TopicAlias;
        if (alias > maximum)
            ProtocolException.Throw(ReasonCode.TopicAliasInvalid, $"Topic alias {alias} of {maximum}. [MQTT-3.3.2-9]");

        if (_topics.Length == 0)
            _topics = new byte[]?[maximum];
        ref var topic = ref _topics[alias - 1];
        if (!packet.Topic.IsEmpty)
            topic = packet.Topic.SequenceEqual(topic) ? topic : packet.Topic.ToArray();
        else if (topic is null)
            ProtocolException.ThrowProtocolError($"Topic alias {alias} stands for no topic yet, chapter 3.3.4.");

        return topic;
    }
}
