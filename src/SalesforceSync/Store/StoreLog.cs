using Microsoft.Extensions.Logging;

namespace SalesforceSync.Store;

internal static partial class StoreLog
{
    [LoggerMessage(2001, LogLevel.Information, "stored events of {Day} dropped: older than the retention and needed by nobody")]
    public static partial void PartitionDropped(this ILogger logger, string day);

    [LoggerMessage(2011, LogLevel.Warning, "{Org}: {Count} events were delivered in the last 24 hours, {Percent} % of DeliveredEventsPerDay={Allowance}; at the pace of the last hours a day comes to {Forecast}. When the allowance is used up Salesforce ends the stream until it is free again: select fewer objects, end other subscribers, or raise it")]
    public static partial void AllowanceNearlyUsed(this ILogger logger, string org, long count, long percent, int allowance, long forecast);
}
