using Microsoft.Extensions.Logging;

namespace SalesforceSync.Repair;

internal static partial class RepairLog
{
    [LoggerMessage(10001, LogLevel.Information, "{Org}: {Object}: {Count} records fetched, to be merged when the stream has caught up")]
    public static partial void RecordsFetched(this ILogger logger, string org, string Object, int count);

    [LoggerMessage(10002, LogLevel.Information, "{Org}: {Object}: {Count} fetched records merged, {Absent} do not exist any more")]
    public static partial void RecordsMerged(this ILogger logger, string org, string Object, int count, int absent);

    [LoggerMessage(10003, LogLevel.Warning, "{Org}: {Object}: records are fetched again in {Pause}: {Reason}")]
    public static partial void FetchWaits(this ILogger logger, string org, string Object, TimeSpan pause, string reason);

    [LoggerMessage(10005, LogLevel.Information, "{Org}: {Object} is read as a whole: {Reason}")]
    public static partial void WholeObjectAsked(this ILogger logger, string org, string Object, string reason);

    [LoggerMessage(10006, LogLevel.Information, "{Org}: {Object}: {Count} records still point at deleted ones and are fetched")]
    public static partial void ChildrenQueued(this ILogger logger, string org, string Object, int count);

    [LoggerMessage(10007, LogLevel.Warning, "{Org}: {Object} holds about {Rows} rows: records that point at deleted ones are looked for once an hour")]
    public static partial void LargeTablePassed(this ILogger logger, string org, string Object, long rows);
}
