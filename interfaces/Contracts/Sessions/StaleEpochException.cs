namespace Orleans.Mqtt.Sessions;

/// <summary>A connection spoke for a client after another had taken it over.</summary>
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
}
