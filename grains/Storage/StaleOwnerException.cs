namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Another activation has claimed this session since (P5): what was written went where nobody reads.</summary>
internal sealed class StaleOwnerException(string clientId, long owner)
    : Exception($"The session of '{clientId}' no longer belongs to owner {owner}.");
