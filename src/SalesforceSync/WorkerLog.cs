using Microsoft.Extensions.Logging;

namespace SalesforceSync;

internal static partial class WorkerLog
{
    [LoggerMessage(8101, LogLevel.Error, "{Reason}")]
    public static partial void OrgRefused(this ILogger logger, string reason);

    [LoggerMessage(8102, LogLevel.Warning, "{Reason}")]
    public static partial void OrgLost(this ILogger logger, string reason);

    [LoggerMessage(8103, LogLevel.Warning, "{Org}: begins anew in {Pause} after {Failure}")]
    public static partial void OrgFailed(this ILogger logger, string org, TimeSpan pause, string failure, Exception? exception);

    [LoggerMessage(8104, LogLevel.Error, "{Reason}")]
    public static partial void ChannelHalted(this ILogger logger, string reason);

    [LoggerMessage(8105, LogLevel.Warning, "the database is out of reach ({Reason}); trying again in {Pause}")]
    public static partial void DatabaseUnavailable(this ILogger logger, string reason, TimeSpan pause);

    [LoggerMessage(8106, LogLevel.Error, "{Reason}")]
    public static partial void DatabaseRefused(this ILogger logger, string reason);

    [LoggerMessage(8107, LogLevel.Warning, "stored events: partitions could not be looked after ({Reason}); trying again in {Pause}")]
    public static partial void MaintenanceFailed(this ILogger logger, string reason, TimeSpan pause);

    [LoggerMessage(8108, LogLevel.Error, "{Org}: Postgres refuses ({Refusal}): {Remedy}; trying again in {Pause}")]
    public static partial void DatabaseRefuses(this ILogger logger, string org, string refusal, string remedy, TimeSpan pause);

    [LoggerMessage(8109, LogLevel.Error, "Postgres refuses ({Refusal}): {Remedy}; trying again in {Pause}")]
    public static partial void StartRefused(this ILogger logger, string refusal, string remedy, TimeSpan pause);

    [LoggerMessage(8110, LogLevel.Information, "{Org}: paused by a person at {Since:u}: nothing of it is received and applied before resume")]
    public static partial void OrgPaused(this ILogger logger, string org, DateTimeOffset since);

    [LoggerMessage(8111, LogLevel.Information, "{Org}: resumed: it goes on where it stopped")]
    public static partial void OrgResumed(this ILogger logger, string org);

    [LoggerMessage(8112, LogLevel.Error, "{Org}: paused, and the position of {Channel} is lost at {LostAt:u}, when Salesforce drops what follows it; then everything has to be read again: resume it before")]
    public static partial void PauseOutlivesEvents(this ILogger logger, string org, string channel, DateTimeOffset lostAt);
}
