using Microsoft.Extensions.Logging;

namespace SalesforceSync.Database;

internal static partial class DatabaseLog
{
    [LoggerMessage(7001, LogLevel.Information, "migration {Number} {Name} applied")]
    public static partial void MigrationApplied(this ILogger logger, int number, string name);

    [LoggerMessage(7010, LogLevel.Information, "{Org}: this process owns the org from now on (epoch {Epoch})")]
    public static partial void LeaseTaken(this ILogger logger, string org, long epoch);

    [LoggerMessage(7011, LogLevel.Information, "{Org}: another process owns the org; standing by")]
    public static partial void StandingBy(this ILogger logger, string org);

    [LoggerMessage(7012, LogLevel.Warning, "{Org}: the lease is lost (epoch {Epoch}): another process took over or the database was out of reach for too long")]
    public static partial void LeaseLost(this ILogger logger, string org, long epoch);

    [LoggerMessage(7013, LogLevel.Warning, "{Org}: {Sessions} database sessions of the former owner were ended: they waited for it in the middle of a statement and held the org")]
    public static partial void StuckSessionsEnded(this ILogger logger, string org, long sessions);
}
