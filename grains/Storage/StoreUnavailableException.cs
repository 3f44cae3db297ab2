namespace Orleans.Mqtt.Grains.Storage;

/// <summary>The store did not answer, or refused: whether the write took place is unknown, so it must not be acknowledged.</summary>
internal sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
