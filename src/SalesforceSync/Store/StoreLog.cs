using Microsoft.Extensions.Logging;

namespace SalesforceSync.Store;

internal static partial class StoreLog
{
    [LoggerMessage(2001, LogLevel.Information, "stored events of {Day} dropped: older than the retention and needed by nobody")]
    public static partial void PartitionDropped(this ILogger logger, string day);
}
