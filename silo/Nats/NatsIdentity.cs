namespace Orleans.Mqtt.Silo.Nats;

/// <summary>What this cluster is called towards NATS.</summary>
/// <param name="Origin">In the headers of its copies.</param>
/// <param name="QueueGroup">Of the silos that share what comes in.</param>
internal sealed record NatsIdentity(string Origin, string QueueGroup)
{
    public static NatsIdentity Of(NatsOptions options, string cluster) =>
        new(options.Origin ?? cluster, options.QueueGroup ?? cluster);
}
