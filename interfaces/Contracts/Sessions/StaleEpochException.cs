namespace Orleans.Mqtt.Sessions;

/// <summary>What was said for a client came after something later had been said.</summary>
[GenerateSerializer, Alias("mqtt.stale-epoch")]
public sealed class StaleEpochException : Exception
{
    public StaleEpochException()
    {
    }

    public StaleEpochException(string message)
        : base(message)
    {
    }

    public StaleEpochException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The highest epoch of the client so far, where a connection that is new may ask for a higher one; else 0.</summary>
    [Id(0)]
    public long Highest { get; init; }
}
