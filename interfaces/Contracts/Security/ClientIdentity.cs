namespace Orleans.Mqtt.Security;

/// <summary>Who is at the other end of a connection.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.client-identity")]
public sealed record ClientIdentity([property: Id(0)] string ClientId, [property: Id(1)] string? UserName);
