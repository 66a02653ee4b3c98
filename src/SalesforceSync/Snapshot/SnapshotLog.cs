using Microsoft.Extensions.Logging;

namespace SalesforceSync.Snapshot;

internal static partial class SnapshotLog
{
    [LoggerMessage(6301, LogLevel.Information, "{Org}: {Count} objects are copied: {Objects}")]
    public static partial void ObjectsFound(this ILogger logger, string org, int count, string objects);

    [LoggerMessage(6302, LogLevel.Information, "{Org}: the members of the channels are not told ({Reason}); asking for all objects instead")]
    public static partial void MembersRefused(this ILogger logger, string org, string reason);

    [LoggerMessage(6015, LogLevel.Warning, "{Org}: {Object}: {Why}: what happened since it was last proven is in doubt, and read by a snapshot")]
    public static partial void MemberChanged(this ILogger logger, string org, string Object, string why);

    [LoggerMessage(6303, LogLevel.Information, "{Org}: reading {Object} ({Reason}) from event {Anchor} on, {Fields} fields")]
    public static partial void ReadingBegins(this ILogger logger, string org, string Object, string reason, long anchor, int fields);

    [LoggerMessage(6304, LogLevel.Information, "{Org}: {Object}: {Rows} of {Expected} rows are merged")]
    public static partial void RowsMerged(this ILogger logger, string org, string Object, long rows, long expected);

    [LoggerMessage(6305, LogLevel.Information, "{Org}: {Object} is read ({Reason}): {Rows} rows")]
    public static partial void ReadingDone(this ILogger logger, string org, string Object, string reason, long rows);

    [LoggerMessage(6306, LogLevel.Warning, "{Org}: reading {Object} begins anew after try {Tries}: {Reason}")]
    public static partial void ReadingRestarts(this ILogger logger, string org, string Object, int tries, string reason);

    [LoggerMessage(6307, LogLevel.Error, "{Org}: reading {Object} is given up after {Tries} tries, and tried again in hours: {Reason}")]
    public static partial void ReadingFailed(this ILogger logger, string org, string Object, int tries, string reason);

    [LoggerMessage(6308, LogLevel.Error, "{Org}: {Object} is frozen, nothing of it is deleted: {Reason}")]
    public static partial void ObjectFrozen(this ILogger logger, string org, string Object, string reason);

    [LoggerMessage(6309, LogLevel.Warning, "{Org}: readings wait {Pause}: {Reason}")]
    public static partial void ReadingWaits(this ILogger logger, string org, TimeSpan pause, string reason);

    [LoggerMessage(6310, LogLevel.Warning, "{Org}: reading {Object} begins anew: the position in the stream was lost after it began")]
    public static partial void ReadingOvertaken(this ILogger logger, string org, string Object);

    [LoggerMessage(6311, LogLevel.Warning, "{Org}: {Object}: a page is fetched again: {Reason}")]
    public static partial void PageBroken(this ILogger logger, string org, string Object, string reason);

    [LoggerMessage(6312, LogLevel.Information, "{Org}: {Object}: {Absent} records do not exist any more, {Deleted} lie in the recycle bin")]
    public static partial void RecordsGone(this ILogger logger, string org, string Object, int absent, int deleted);

    [LoggerMessage(6313, LogLevel.Information, "{Org}: {Objects} are read whole ({Reason})")]
    public static partial void ReadingsWanted(this ILogger logger, string org, string objects, string reason);

    [LoggerMessage(6314, LogLevel.Warning, "{Org}: {Object}: Mask names {Fields}, which this object does not have as far as the user can see: if it is misspelt, the field that is meant is copied as it is")]
    public static partial void MaskOfNoField(this ILogger logger, string org, string Object, string fields);

    [LoggerMessage(6014, LogLevel.Information, "{Org}: everything of {Object} is visible again: a snapshot closes its gap")]
    public static partial void VisibleAgain(this ILogger logger, string org, string Object);
}
