using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway;

/// <summary>
/// What the doors of a gateway say. Event numbers 2100-2199. No user name: who types a password into the wrong field must not
/// find it in a log.
/// </summary>
internal static partial class SecurityLog
{
    [LoggerMessage(2100, LogLevel.Information, "A login from {Address} was refused: {Reason}")]
    public static partial void LoginRefused(this ILogger log, IPAddress address, ReasonCode reason);

    [LoggerMessage(2101, LogLevel.Error, "The authenticator has failed; the client is told that the server is unavailable")]
    public static partial void LoginNotChecked(this ILogger log, Exception failure);

    [LoggerMessage(2102, LogLevel.Information, "{Path} has changed and is in force")]
    public static partial void FileReadAgain(this ILogger log, string path);

    [LoggerMessage(2103, LogLevel.Warning, "{Path} has changed but cannot be used, so what it said before stays in force: {Failure}")]
    public static partial void FileNotReadAgain(this ILogger log, string path, string failure);

    [LoggerMessage(2104, LogLevel.Information, "{Connections} connections are closed because their users' passwords were changed or removed")]
    public static partial void PasswordsRevoked(this ILogger log, int connections);

    [LoggerMessage(2105, LogLevel.Debug, "{ConnectionId} closed: {Failure}")]
    public static partial void HeaderRefused(this ILogger log, string connectionId, string failure);
}
