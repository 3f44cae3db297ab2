namespace Orleans.Mqtt.Silo.Streams;

/// <summary>Messages as Orleans streams. Section "Streams"; all silos of a cluster alike.</summary>
internal sealed class StreamsOptions
{
    public const string Section = "Streams";

    /// <summary>Whether there are any. Off, nothing of it runs.</summary>
    public bool Enabled { get; init; }

    /// <summary>Filters that are carried also when nobody has subscribed by name: those of implicit subscriptions.</summary>
    public string[] Filters { get; init; } = [];
}
