using Microsoft.Extensions.Logging;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Everything the store's clients can say. Event numbers 1500-1599; a number is never given twice.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(1500, LogLevel.Warning,
        "The store at {Endpoint} keeps no log on disk (appendonly is '{Setting}'): a restart of it loses acknowledged messages. Set 'appendonly yes'")]
    public static partial void StoreDoesNotPersist(this ILogger log, string endpoint, string setting);

    [LoggerMessage(1501, LogLevel.Information,
        "Cannot tell whether the store at {Endpoint} keeps a log on disk: {Reason}")]
    public static partial void PersistenceUnknown(this ILogger log, string endpoint, string reason);

    [LoggerMessage(1502, LogLevel.Warning, "The store does not answer; publishers that need it wait")]
    public static partial void StoreDown(this ILogger log);

    [LoggerMessage(1503, LogLevel.Information, "The store answers again, after {Away}")]
    public static partial void StoreUp(this ILogger log, TimeSpan away);
}
