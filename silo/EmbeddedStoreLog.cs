namespace Orleans.Mqtt.Silo;

/// <summary>What the embedded store can say. Event numbers 3900-3919; a number is never given twice.</summary>
internal static partial class EmbeddedStoreLog
{
    [LoggerMessage(3900, LogLevel.Debug, "Snapshot taken in {Elapsed}: {Bytes} bytes replace {LogBytes} bytes of log")]
    public static partial void SnapshotTaken(this ILogger log, TimeSpan elapsed, long bytes, long logBytes);

    [LoggerMessage(3901, LogLevel.Error, "The embedded store could not keep house; its files grow until it can")]
    public static partial void UpkeepFailed(this ILogger log, Exception failure);

    [LoggerMessage(3902, LogLevel.Error, "The embedded store could not write its log; nothing is acknowledged until it can")]
    public static partial void LogNotWritten(this ILogger log, Exception failure);

    [LoggerMessage(3903, LogLevel.Warning, "The last {Bytes} bytes of the log were a write that the end of the process had cut off")]
    public static partial void LogWasTorn(this ILogger log, long bytes);

    [LoggerMessage(3904, LogLevel.Warning, "A client of the embedded store was shut out: {Reason}")]
    public static partial void ClientBrokeProtocol(this ILogger log, string reason);
}
