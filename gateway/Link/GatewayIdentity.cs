namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// The name of this gateway's life: it never comes back, so what was said of an earlier life is told from this one. A
/// gateway whose lease has ended begins another.
/// </summary>
internal sealed class GatewayIdentity
{
    private volatile string _id = NewId();

    public string Id => _id;

    public void BeginAnew() => _id = NewId();

    private static string NewId() => $"{Environment.MachineName}-{Guid.NewGuid():N}";
}
