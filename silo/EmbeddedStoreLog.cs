namespace Orleans.Mqtt.Silo;

/// <summary>What the embedded store can say. Event numbers 3900-3919; a number is never given twice.</summary>
internal static partial class EmbeddedStoreLog
{
    [LoggerMessage(3900, LogLevel.Debug, "Checkpoint taken: the log had {Before} bytes and has {After}; it took {Elapsed}")]
    public static partial void Checkpointed(this ILogger log, long before, long after, TimeSpan elapsed);

    [LoggerMessage(3901, LogLevel.Error, "The embedded store could not keep house; its files grow until it can")]
    public static partial void UpkeepFailed(this ILogger log, Exception failure);
}
