using Microsoft.Extensions.Logging;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Store;

internal static partial class StoreLog
{
    [LoggerMessage(2001, LogLevel.Information, "stored events of {Day} dropped: older than the retention and needed by nobody")]
    public static partial void PartitionDropped(this ILogger logger, string day);

    [LoggerMessage(2002, LogLevel.Information, "{Org}: {Channel} resumes after {ReplayId} (event {Event})")]
    public static partial void Resuming(this ILogger logger, string org, string channel, ReplayId replayId, long @event);

    [LoggerMessage(2003, LogLevel.Information, "{Org}: schema {SchemaId} fetched and stored")]
    public static partial void SchemaStored(this ILogger logger, string org, string schemaId);

    [LoggerMessage(2004, LogLevel.Information, "{Org}: {Channel} sent {Count} events again that are stored already; skipped")]
    public static partial void Redelivered(this ILogger logger, string org, string channel, int count);
}
