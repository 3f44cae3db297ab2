using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Streams;
using Orleans.Streams;

namespace Orleans.Mqtt.Client.Streams;

/// <summary>
/// Streams of messages, keyed by topic filter. Another provider carries them; this one has the cluster route into them what somebody
/// subscribes to.
/// </summary>
internal sealed class MqttStreamProvider(IStreamProvider carrier, IGrainFactory grains) : IStreamProvider
{
    public string Name => MqttStreams.Provider;

    public bool IsRewindable => false;

    public IAsyncStream<T> GetStream<T>(StreamId streamId)
    {
        if (typeof(T) != typeof(Message) || streamId.GetNamespace() != MqttStreams.Namespace)
            throw new ArgumentException($"Streams here are of {nameof(Message)}, in the namespace '{MqttStreams.Namespace}'.");
        return (IAsyncStream<T>)(object)new MqttStream(carrier.GetStream<Message>(streamId), grains);
    }
}
