using Microsoft.Extensions.Logging;

namespace Orleans.Mqtt.Grains;

/// <summary>Everything the grains can say. Event numbers 1000-1499; a number is never given twice.</summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Warning, "{Count} messages could not be queued and will be tried again: {Failure}")]
    public static partial void EnqueueFailed(this ILogger log, int count, string failure);

    [LoggerMessage(1002, LogLevel.Warning, "{Count} retained messages could not be stored and will be tried again: {Failure}")]
    public static partial void KeepFailed(this ILogger log, int count, string failure);

    [LoggerMessage(1003, LogLevel.Warning, "The session of {ClientId} must be read again from the store")]
    public static partial void JournalFailed(this ILogger log, string clientId, Exception failure);

    [LoggerMessage(1004, LogLevel.Warning, "Retained slice {Slice} must be read again from the store")]
    public static partial void RetainedSliceFailed(this ILogger log, int slice, Exception failure);

    [LoggerMessage(1005, LogLevel.Warning, "Silo {Silo} did not take a route change and will be told again: {Failure}")]
    public static partial void RouteTableNotTold(this ILogger log, SiloAddress silo, string failure);

    [LoggerMessage(1006, LogLevel.Debug, "The will that {ClientId} left with epoch {Epoch} was published")]
    public static partial void WillPublished(this ILogger log, string clientId, long epoch);

    [LoggerMessage(1007, LogLevel.Information, "Gateway {GatewayId} is gone; {Clients} stored sessions were with it")]
    public static partial void GatewayEnded(this ILogger log, string gatewayId, int clients);

    [LoggerMessage(1008, LogLevel.Warning, "The store could not be asked what has come due: {Failure}")]
    public static partial void SweepFailed(this ILogger log, string failure);

    [LoggerMessage(1009, LogLevel.Warning, "Gateway {GatewayId} did not answer and will be called again: {Failure}")]
    public static partial void GatewayNotReached(this ILogger log, string gatewayId, string failure);

    [LoggerMessage(1010, LogLevel.Warning, "Messages of a gateway could not be stored: {Failure}")]
    public static partial void EnvelopeSegmentFailed(this ILogger log, string failure);

    [LoggerMessage(1030, LogLevel.Warning, "The shared subscription {Filter} must be read again from the store")]
    public static partial void ShareFailed(this ILogger log, string filter, Exception failure);

    [LoggerMessage(1011, LogLevel.Information, "Gateway {GatewayId} is here")]
    public static partial void GatewayAttached(this ILogger log, string gatewayId);

    [LoggerMessage(1012, LogLevel.Information, "Gateway {GatewayId} is out of reach for good")]
    public static partial void GatewayDetached(this ILogger log, string gatewayId);

    [LoggerMessage(1013, LogLevel.Debug, "Silo {Silo} was not told that gateway {GatewayId} is gone: {Failure}")]
    public static partial void NotDetached(this ILogger log, SiloAddress silo, string gatewayId, string failure);

    [LoggerMessage(1016, LogLevel.Warning, "Not everything of gateway {GatewayId} is cleared up; it is tried again: {Failure}")]
    public static partial void GatewayNotEnded(this ILogger log, string gatewayId, string failure);

    [LoggerMessage(1017, LogLevel.Warning, "The route table could not be compared and will be again: {Failure}")]
    public static partial void RoutesNotCompared(this ILogger log, string failure);

    [LoggerMessage(1018, LogLevel.Information, "{Count} idle sessions move to {Silo}; this silo has {Surplus} more than its share")]
    public static partial void Rebalanced(this ILogger log, int count, SiloAddress silo, int surplus);

    [LoggerMessage(1019, LogLevel.Debug, "The shares of the silos could not be compared: {Failure}")]
    public static partial void NotRebalanced(this ILogger log, string failure);

    [LoggerMessage(1014, LogLevel.Warning, "Routes of slice {Slice} could not be read and will be tried again: {Failure}")]
    public static partial void RoutesNotRead(this ILogger log, int slice, string failure);

    [LoggerMessage(1015, LogLevel.Information, "Routes of slice {Slice} were read again: version {Have} is now {Version}")]
    public static partial void RoutesRepaired(this ILogger log, int slice, long have, long version);

    [LoggerMessage(1060, LogLevel.Warning, "Gateway {GatewayId} was asked and did not answer in time: {Failure}")]
    public static partial void DeskSilent(this ILogger log, string gatewayId, string failure);

    [LoggerMessage(1061, LogLevel.Warning, "Silo {Silo} was asked and did not answer in time: {Failure}")]
    public static partial void SiloSilent(this ILogger log, SiloAddress silo, string failure);

    [LoggerMessage(1062, LogLevel.Debug, "The number of stored sessions is not known: {Failure}")]
    public static partial void SessionsNotCounted(this ILogger log, string failure);
    [LoggerMessage(1070, LogLevel.Debug, "The timer of {Member} was not heard and will ring again: {Failure}")]
    public static partial void TimerNotHeard(this ILogger log, string member, string failure);

    [LoggerMessage(1071, LogLevel.Warning, "{Count} delayed messages could not be stored and will be tried again: {Failure}")]
    public static partial void DelayFailed(this ILogger log, int count, string failure);

    [LoggerMessage(1072, LogLevel.Warning, "{Count} delayed messages of QoS 0 could not be stored: {Failure}")]
    public static partial void DelayedLost(this ILogger log, int count, string failure);

    [LoggerMessage(1073, LogLevel.Warning, "Delayed messages of slice {Slice} must be read again from the store")]
    public static partial void DelayedSliceFailed(this ILogger log, int slice, Exception failure);

    [LoggerMessage(1074, LogLevel.Debug, "{Count} retained messages of slice {Slice} have expired")]
    public static partial void RetainedExpired(this ILogger log, int count, int slice);

    [LoggerMessage(1075, LogLevel.Warning, "Expired retained messages of slice {Slice} stay until the next look: {Failure}")]
    public static partial void RetainedSweepFailed(this ILogger log, int slice, string failure);
}
