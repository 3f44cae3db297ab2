namespace Orleans.Mqtt.Streams;

/// <summary>Carries what is published into the stream of one filter (key: the filter).</summary>
[Alias("mqtt.stream-bridge")]
public interface IStreamBridgeGrain : IGrainWithStringKey
{
    /// <summary>Somebody is about to subscribe: returns when messages are routed here.</summary>
    [Alias("open")]
    Task Open();

    /// <summary>The filter has subscribers as far as is known: takes up what may have been lost with a silo.</summary>
    [Alias("wake")]
    Task Wake();
}
