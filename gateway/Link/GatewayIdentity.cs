namespace Orleans.Mqtt.Gateway.Link;

/// <summary>The name of this gateway's life: it never comes back, so what was said of an earlier life is told from this one.</summary>
internal sealed class GatewayIdentity
{
    public string Id { get; } = $"{Environment.MachineName}-{Guid.NewGuid():N}";
}
