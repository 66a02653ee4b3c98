using Microsoft.Extensions.Logging;

namespace SalesforceSync.Snapshot;

internal static partial class SnapshotLog
{
    [LoggerMessage(6001, LogLevel.Information, "{Org}: {Count} objects are copied: {Objects}")]
    public static partial void ObjectsFound(this ILogger logger, string org, int count, string objects);

    [LoggerMessage(6002, LogLevel.Information, "{Org}: the members of the channels are not told ({Reason}); asking for all objects instead")]
    public static partial void MembersRefused(this ILogger logger, string org, string reason);
}
