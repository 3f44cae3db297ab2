namespace Orleans.Mqtt.Storage;

/// <summary>Another activation has claimed the session or slice since (P5): what was written went where nobody reads.</summary>
[GenerateSerializer, Alias("mqtt.stale-owner")]
public sealed class StaleOwnerException : Exception
{
    public StaleOwnerException()
    {
    }

    public StaleOwnerException(string message)
        : base(message)
    {
    }

    public StaleOwnerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public StaleOwnerException(string what, long owner)
        : base($"The {what} no longer belongs to owner {owner}.")
    {
    }
}
