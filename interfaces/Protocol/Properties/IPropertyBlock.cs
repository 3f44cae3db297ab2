using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>Properties that can write themselves, without the length in front.</summary>
internal interface IPropertyBlock
{
    void WriteTo(scoped ref MqttWriter writer);
}
