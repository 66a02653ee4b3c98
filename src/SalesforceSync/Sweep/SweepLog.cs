using Microsoft.Extensions.Logging;

namespace SalesforceSync.Sweep;

internal static partial class SweepLog
{
    [LoggerMessage(11001, LogLevel.Information, "{Org}: {Object} is compared with Salesforce ({Reason}) for about {Price} calls")]
    public static partial void Sweeping(this ILogger logger, string org, string Object, string reason, int price);

    [LoggerMessage(11002, LogLevel.Information, "{Org}: {Object}: {Here} rows here, {There} there, {Changed} changed, {Missing} missing, {Deleted} deleted, {Absent} unknown there")]
    public static partial void Compared(this ILogger logger, string org, string Object, long here, long there, long changed, long missing, long deleted, long absent);

    [LoggerMessage(11005, LogLevel.Warning, "{Org}: comparing {Object} has to wait until {Until:u}: {Reason}")]
    public static partial void Waits(this ILogger logger, string org, string Object, DateTimeOffset until, string reason);

    [LoggerMessage(11006, LogLevel.Error, "{Org}: comparing {Object} was given up: {Reason}")]
    public static partial void GivenUp(this ILogger logger, string org, string Object, string reason);

    [LoggerMessage(11007, LogLevel.Information, "{Org}: {Object} is proven equal to Salesforce as of {ProvenAt:u}")]
    public static partial void Proven(this ILogger logger, string org, string Object, DateTimeOffset provenAt);

    [LoggerMessage(11008, LogLevel.Information, "{Org}: the calculated fields of {Object} are read anew for about {Price} calls")]
    public static partial void Refreshing(this ILogger logger, string org, string Object, int price);

    [LoggerMessage(11009, LogLevel.Warning, "{Org}: fields of {Object} are gone in Salesforce and no longer compared: {Fields}")]
    public static partial void FieldsGone(this ILogger logger, string org, string Object, string fields);
}
