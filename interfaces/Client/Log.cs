using Microsoft.Extensions.Logging;

namespace Orleans.Mqtt.Client;

/// <summary>Everything that the client library can say. Event numbers 2900-2999; a number is never given twice.</summary>
internal static partial class Log
{
    [LoggerMessage(2900, LogLevel.Debug, "The lease of this process was not renewed: {Failure}")]
    public static partial void LeaseNotRenewed(this ILogger log, string failure);

    [LoggerMessage(2901, LogLevel.Warning, "The cluster had given this process up: {Count} watched filters have missed messages")]
    public static partial void LeaseLost(this ILogger log, int count);

    [LoggerMessage(2902, LogLevel.Warning, "The cluster was not reached, and is asked again: {Failure}")]
    public static partial void LinkFailed(this ILogger log, string failure);
}
