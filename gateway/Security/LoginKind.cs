namespace Orleans.Mqtt.Gateway.Security;

/// <summary>Whether an authenticator or a method of somebody else decides who may come in.</summary>
internal sealed record LoginKind(bool IsOwn);
