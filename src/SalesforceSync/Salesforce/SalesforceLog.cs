using Microsoft.Extensions.Logging;

namespace SalesforceSync.Salesforce;

internal static partial class SalesforceLog
{
    [LoggerMessage(6001, LogLevel.Information, "{Org}: signed in")]
    public static partial void SignedIn(this ILogger logger, string org);

    [LoggerMessage(6002, LogLevel.Warning, "{Org}: sign-in is not possible at the moment, trying again in {Delay}: {Reason}")]
    public static partial void SignInDelayed(this ILogger logger, string org, TimeSpan delay, string reason);

    [LoggerMessage(6003, LogLevel.Error, "{Org}: sign-in refused ({ErrorCode}): {Remedy}")]
    public static partial void SignInRefused(this ILogger logger, string org, string errorCode, string remedy);

    [LoggerMessage(6004, LogLevel.Warning, "{Org}: this machine's clock differs from Salesforce's by {Skew}; going by theirs. Set this clock")]
    public static partial void ClockSkewed(this ILogger logger, string org, TimeSpan skew);

    [LoggerMessage(6005, LogLevel.Information, "{Org}: Salesforce replaced the refresh token; the new one is stored")]
    public static partial void TokenRotated(this ILogger logger, string org);

    [LoggerMessage(6006, LogLevel.Warning, "{Org}: a stored refresh token was refused; trying the one before")]
    public static partial void StoredTokenRefused(this ILogger logger, string org);

    [LoggerMessage(6007, LogLevel.Information, "{Org}: the access token is no longer accepted")]
    public static partial void TokenDropped(this ILogger logger, string org);

    [LoggerMessage(6010, LogLevel.Warning, "{Org}: how a call of class {Class} ended could not be booked; that it was made is")]
    public static partial void OutcomeNotBooked(this ILogger logger, string org, string @class, Exception error);

    [LoggerMessage(6011, LogLevel.Warning, "{Org}: calls of class {Class} wait until {Until:u}: {Reason}; the stream goes on")]
    public static partial void CallsRefused(this ILogger logger, string org, string @class, DateTimeOffset until, string reason);

    [LoggerMessage(6012, LogLevel.Error, "{Org}: calls of class {Class} wait until {Until:u}: {Reason}; the stream goes on, but what is known to be missing stays so. Raise the budget to go on now")]
    public static partial void ReserveSpent(this ILogger logger, string org, string @class, DateTimeOffset until, string reason);

    [LoggerMessage(6013, LogLevel.Information, "{Org}: calls of class {Class} go on; {Count} had to wait")]
    public static partial void CallsAllowed(this ILogger logger, string org, string @class, long count);
}
