namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>The connection that has a session, as stored: enough to take it over after a crash.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.stored-connection")]
internal sealed record StoredConnection(
    [property: Id(0)] string GatewayId, [property: Id(1)] long Epoch, [property: Id(2)] int Window,
    [property: Id(3)] string? UserName, [property: Id(4)] Guid Attempt = default, [property: Id(5)] bool FoundSession = false);
