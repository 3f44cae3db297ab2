using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt;

/// <summary>The grains that application code calls, by their names in MQTT.</summary>
public static class MqttGrains
{
    /// <summary>A topic, by its name.</summary>
    public static ITopicGrain GetTopic(this IGrainFactory grains, string topic) => grains.GetGrain<ITopicGrain>(topic);

    /// <summary>The session of a client, by its client id.</summary>
    public static ISessionGrain GetSession(this IGrainFactory grains, string clientId) =>
        grains.GetGrain<ISessionGrain>(clientId);
}
