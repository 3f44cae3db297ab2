namespace Orleans.Mqtt.Streams;

/// <summary>Which filters are carried into streams (key: 0). Stored, so that they are carried again when silos were lost.</summary>
[Alias("mqtt.stream-registry")]
public interface IStreamRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>Returns when what is published to the filter from now on comes into its stream.</summary>
    /// <exception cref="ArgumentException">It is no filter that can be watched.</exception>
    /// <exception cref="InvalidOperationException">Streams are switched off.</exception>
    [Alias("open")]
    Task Open(string filter);

    /// <summary>Nobody is subscribed any more.</summary>
    [Alias("close")]
    Task Close(string filter);

    /// <summary>Sees to it that every filter is carried.</summary>
    [Alias("wake")]
    Task Wake();
}
