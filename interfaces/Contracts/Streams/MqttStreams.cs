namespace Orleans.Mqtt.Streams;

/// <summary>Names of the streams that carry messages.</summary>
public static class MqttStreams
{
    /// <summary>The stream provider.</summary>
    public const string Provider = "Mqtt";

    /// <summary>The namespace of its streams; the key is a topic filter.</summary>
    public const string Namespace = "mqtt";

    /// <summary>The provider that carries them, behind <see cref="Provider"/>.</summary>
    public const string Carrier = "Mqtt.Carrier";
}
