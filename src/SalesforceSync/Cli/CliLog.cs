using Microsoft.Extensions.Logging;

namespace SalesforceSync.Cli;

internal static partial class CliLog
{
    public const int RepeatedNumber = 9005;

    [LoggerMessage(9001, LogLevel.Information, "salesforce-sync {Version} starts with {Orgs} orgs")]
    public static partial void Started(this ILogger logger, string version, int orgs);

    [LoggerMessage(9002, LogLevel.Information, "ended with exit code {Code}")]
    public static partial void Ended(this ILogger logger, int code);

    [LoggerMessage(9003, LogLevel.Warning, "told to stop, but not everything ended within {Seconds} s: leaving. What was open is rolled back by Postgres and done again at the next start")]
    public static partial void CutShort(this ILogger logger, double seconds);

    [LoggerMessage(9004, LogLevel.Critical, "the worker broke")]
    public static partial void Broke(this ILogger logger, Exception error);

    [LoggerMessage(RepeatedNumber, LogLevel.Information, "{Repeated} ({Of}): {Count} more until {Until:u}, none since")]
    public static partial void Repeated(this ILogger logger, string repeated, string of, long count, DateTimeOffset until);
}
