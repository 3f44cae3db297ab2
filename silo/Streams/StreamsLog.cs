namespace Orleans.Mqtt.Silo.Streams;

/// <summary>What is said of streams. Event numbers 3800-3819.</summary>
internal static partial class StreamsLog
{
    [LoggerMessage(3800, LogLevel.Warning, "The stream of {Filter} has missed a message: {Failure}")]
    public static partial void StreamMissed(this ILogger log, string filter, string failure);

    [LoggerMessage(3801, LogLevel.Debug, "The bridge of the stream of {Filter} was not reached: {Failure}")]
    public static partial void BridgeNotReached(this ILogger log, string filter, string failure);

    [LoggerMessage(3802, LogLevel.Debug, "The bridges of streams were not looked after: {Failure}")]
    public static partial void BridgesNotLookedAfter(this ILogger log, string failure);
}
