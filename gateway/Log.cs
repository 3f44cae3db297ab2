using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway;

/// <summary>Everything a gateway can say. Event numbers 2000-2999; a number is never given twice.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Debug, "{ConnectionId} closed: {Reason}, {Detail}")]
    public static partial void ClosedByProtocolError(
        this ILogger log, string connectionId, ReasonCode reason, string detail);

    [LoggerMessage(2002, LogLevel.Error, "{ConnectionId} closed by a bug in the gateway")]
    public static partial void ClosedByBug(this ILogger log, string connectionId, Exception exception);

    [LoggerMessage(2003, LogLevel.Debug, "{ConnectionId} refused: {Reason}")]
    public static partial void Refused(this ILogger log, string connectionId, ReasonCode reason);

    [LoggerMessage(2004, LogLevel.Warning, "A publisher was disconnected because its messages could not be stored: {Failure}")]
    public static partial void NotStored(this ILogger log, string failure);

    [LoggerMessage(2005, LogLevel.Warning, "Routes could not be announced and will be tried again: {Failure}")]
    public static partial void RoutesNotAnnounced(this ILogger log, string failure);

    [LoggerMessage(2006, LogLevel.Warning, "A session did not answer and will be asked again: {Failure}")]
    public static partial void SessionNotReached(this ILogger log, string failure);

    [LoggerMessage(2007, LogLevel.Warning, "The lease could not be renewed and will be tried again: {Failure}")]
    public static partial void LeaseNotRenewed(this ILogger log, string failure);

    [LoggerMessage(2008, LogLevel.Warning, "The lease has ended: {Connections} connections are closed")]
    public static partial void LeaseLost(this ILogger log, int connections);

    [LoggerMessage(2010, LogLevel.Warning, "No silo took an envelope; what is to be acknowledged is sent again: {Failure}")]
    public static partial void SiloNotReached(this ILogger log, string failure);

    [LoggerMessage(2011, LogLevel.Information, "The gateway is known as {GatewayId} from now on")]
    public static partial void LeaseBegunAnew(this ILogger log, string gatewayId);

    [LoggerMessage(2080, LogLevel.Warning, "Nobody heard what {ClientId} has subscribed to: {Failure}")]
    public static partial void SubscriptionsNotTold(this ILogger log, string clientId, string failure);

    [LoggerMessage(2062, LogLevel.Warning, "Nobody could be told that this gateway stops; its lease ends by itself")]
    public static partial void EndNotTold(this ILogger log);

    [LoggerMessage(2012, LogLevel.Warning, "The figures for $SYS could not be read: {Failure}")]
    public static partial void FiguresNotRead(this ILogger log, string failure);

    [LoggerMessage(2060, LogLevel.Error, "A metric could not be read")]
    public static partial void MetricNotRead(this ILogger log, Exception failure);

    [LoggerMessage(2061, LogLevel.Information, "A request to the admin address from {Remote} was refused: {Reason}")]
    public static partial void AdminRefused(this ILogger log, System.Net.IPAddress? remote, string reason);
}
