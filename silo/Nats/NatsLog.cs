namespace Orleans.Mqtt.Silo.Nats;

/// <summary>What the bridge to NATS can say. Event numbers 3700-3719; a number is never given twice.</summary>
internal static partial class NatsLog
{
    [LoggerMessage(3700, LogLevel.Information, "NATS is there: {Server}")]
    public static partial void NatsConnected(this ILogger log, string server);

    [LoggerMessage(3701, LogLevel.Warning, "NATS is away and is tried again: {Reason}; {Bytes} bytes wait for it")]
    public static partial void NatsAway(this ILogger log, string reason, long bytes);

    [LoggerMessage(3702, LogLevel.Warning, "{Bytes} bytes wait for NATS: no more messages are copied until there is room")]
    public static partial void BufferFull(this ILogger log, long bytes);

    [LoggerMessage(3703, LogLevel.Warning, "Messages are copied to NATS again; {Count} were not")]
    public static partial void BufferHasRoom(this ILogger log, long count);

    [LoggerMessage(3704, LogLevel.Warning, "The stream {Stream} takes no messages and is tried again: {Reason}")]
    public static partial void StreamAway(this ILogger log, string stream, string reason);

    [LoggerMessage(3705, LogLevel.Information, "The stream {Stream} takes messages")]
    public static partial void StreamReady(this ILogger log, string stream);

    [LoggerMessage(3706, LogLevel.Warning, "NATS says: {Error}")]
    public static partial void NatsSays(this ILogger log, string error);

    [LoggerMessage(3707, LogLevel.Debug, "A message of {ClientId} has no copy on NATS: {Reason}")]
    public static partial void NotCopied(this ILogger log, string clientId, DropReason reason);

    [LoggerMessage(3708, LogLevel.Debug, "A message from NATS was refused: {Reason}, {Detail}")]
    public static partial void InletRefused(this ILogger log, string reason, string detail);

    [LoggerMessage(3709, LogLevel.Warning, "A message from NATS could not be stored for everyone: {Failure}")]
    public static partial void InletNotStored(this ILogger log, string failure);

    [LoggerMessage(3710, LogLevel.Warning, "{Bytes} bytes that waited for NATS are given up because the process stops")]
    public static partial void BufferGivenUp(this ILogger log, long bytes);

    [LoggerMessage(3711, LogLevel.Debug, "The verdict on a message from NATS could not be sent: {Failure}")]
    public static partial void VerdictNotSent(this ILogger log, string failure);
}
