using Microsoft.Extensions.Logging;

namespace SalesforceSync.Apply;

internal static partial class ApplyLog
{
    [LoggerMessage(5001, LogLevel.Information, "{Org}: {Channel} is applied from event {Event} on")]
    public static partial void Applying(this ILogger logger, string org, string channel, long Event);

    [LoggerMessage(5002, LogLevel.Warning, "{Org}: event {Event} of {Channel} (schema {SchemaId}, replay id {ReplayId}) is parked in quarantine: {Reason}")]
    public static partial void Parked(this ILogger logger, string org, string channel, long Event, string schemaId, string replayId, string reason);

    [LoggerMessage(5003, LogLevel.Warning, "{Org}: transaction {TransactionKey} of {Channel} was not applied whole: {Reason}")]
    public static partial void Torn(this ILogger logger, string org, string channel, string transactionKey, string reason);

    [LoggerMessage(5004, LogLevel.Information, "{Org}: keys of different transactions alternate on {Channel}: from now on another key no longer closes a transaction")]
    public static partial void Interleaved(this ILogger logger, string org, string channel);

    [LoggerMessage(5005, LogLevel.Information, "{Org}: transaction {TransactionKey} of {Channel} with {Count} events is read back from the stored events")]
    public static partial void LargeTransaction(this ILogger logger, string org, string channel, string transactionKey, int count);

    [LoggerMessage(5006, LogLevel.Warning, "{Org}: {Channel}: the rows of a commit were refused ({SqlState}); trying its transactions one by one")]
    public static partial void Refused(this ILogger logger, string org, string channel, string sqlState);

    [LoggerMessage(5007, LogLevel.Warning, "{Org}: transaction {TransactionKey} carries two different changes under one sequence number; the first counts, its records are queued for repair")]
    public static partial void Conflicting(this ILogger logger, string org, string transactionKey);

    [LoggerMessage(5009, LogLevel.Warning, "{Org}: other fields are masked than before ({Fields}): what their columns had is gone, and is read anew where they stay. Events stored before {At:u} keep what they had until EventRetention ({Retention}) has passed; docs/operations.md tells how to remove them now")]
    public static partial void MasksChanged(this ILogger logger, string org, string fields, DateTimeOffset at, TimeSpan retention);

    [LoggerMessage(5008, LogLevel.Warning, "{Org}: more is copied of {Objects} than before; what was passed over is recorded as a gap in salesforce_sync.coverage")]
    public static partial void SelectionWidened(this ILogger logger, string org, string objects);
}
