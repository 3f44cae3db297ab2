namespace Orleans.Mqtt.Silo.Management;

/// <summary>What the HTTP API can say. Event numbers 3300-3319; a number is never given twice.</summary>
internal static partial class ManagementLog
{
    [LoggerMessage(3300, LogLevel.Warning, "The call {Method} {Path} failed")]
    public static partial void CallFailed(this ILogger log, string method, string path, Exception failure);

    [LoggerMessage(3301, LogLevel.Information, "An operator disconnected {ClientId}")]
    public static partial void OperatorDisconnected(this ILogger log, string clientId);

    [LoggerMessage(3302, LogLevel.Information, "An operator deleted the session of {ClientId}")]
    public static partial void OperatorDeleted(this ILogger log, string clientId);

    [LoggerMessage(3303, LogLevel.Information, "An operator removed the retained message of {Topic}")]
    public static partial void OperatorForgot(this ILogger log, string topic);
}
