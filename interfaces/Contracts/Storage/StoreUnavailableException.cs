namespace Orleans.Mqtt.Storage;

/// <summary>The store did not answer, or refused: whether the write took place is unknown, so it must not be acknowledged.</summary>
[GenerateSerializer, Alias("mqtt.store-unavailable")]
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException()
    {
    }

    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>The cause is put into words only: whoever is told may not know its type.</summary>
    public StoreUnavailableException(string message, Exception cause)
        : base(message == cause.Message ? message : $"{message} {cause.Message}")
    {
    }
}
