namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Another activation has claimed the session or slice since (P5): what was written went where nobody reads.</summary>
internal sealed class StaleOwnerException(string what, long owner)
    : Exception($"The {what} no longer belongs to owner {owner}.");
