using Microsoft.Extensions.Logging;
using SalesforceSync.Configuration;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Receive;

internal static partial class ReceiveLog
{
    [LoggerMessage(2002, LogLevel.Information, "{Org}: {Channel} resumes after {ReplayId} (event {Event})")]
    public static partial void Resuming(this ILogger logger, string org, string channel, ReplayId replayId, long Event);

    [LoggerMessage(2003, LogLevel.Information, "{Org}: schema {SchemaId} fetched and stored")]
    public static partial void SchemaStored(this ILogger logger, string org, string schemaId);

    [LoggerMessage(2004, LogLevel.Information, "{Org}: {Channel} sent {Count} events again that are stored already; skipped")]
    public static partial void Redelivered(this ILogger logger, string org, string channel, int count);

    [LoggerMessage(2013, LogLevel.Information, "{Org}: {Channel} sent {Count} events that are older than some that are stored and are not stored themselves; passed over, readings have brought what they tell")]
    public static partial void OlderPassedOver(this ILogger logger, string org, string channel, int count);

    [LoggerMessage(2006, LogLevel.Warning, "{Org}: {Channel}: the stream failed: {ErrorCode} (rpc {RpcId}), {Directive}: {Remedy}")]
    public static partial void StreamFailed(this ILogger logger, string org, string channel, string errorCode, string rpcId, Directive directive, string remedy);

    [LoggerMessage(2007, LogLevel.Error, "{Org}: {Channel}: a person has to act: {ErrorCode} (rpc {RpcId}): {Remedy}; asking again in {Pause}")]
    public static partial void StreamRefused(this ILogger logger, string org, string channel, string errorCode, string rpcId, string remedy, TimeSpan pause);

    [LoggerMessage(2009, LogLevel.Error, "{Org}: {Channel}: {Count} tokens in a row were refused although sign-in works; asking again in {Pause}. Look at the session settings (IP lock, timeout) and the user's permissions")]
    public static partial void TokensRefused(this ILogger logger, string org, string channel, int count, TimeSpan pause);

    [LoggerMessage(2008, LogLevel.Error, "{Org}: {Channel}: the position is lost ({Reason}); what may be missing is recorded in salesforce_sync.coverage, going on by OnLostReplayId={Policy}")]
    public static partial void PositionLost(this ILogger logger, string org, string channel, string reason, LostReplayIdPolicy policy);

    [LoggerMessage(2012, LogLevel.Warning, "{Org}: {Channel}: the events Salesforce still keeps are more than the {Allowance} that may be delivered in a day, or are not wanted: going on with the next event, all objects are read again")]
    public static partial void GoingOnWithNext(this ILogger logger, string org, string channel, int allowance);

    [LoggerMessage(2010, LogLevel.Error, "{Org}: {Channel}: nothing has been heard since {HeardAt:u} and the position is lost at {LostAt:u}, when Salesforce drops what follows it; then everything has to be read again. The stream fails with: {Trouble}")]
    public static partial void RetentionEnds(this ILogger logger, string org, string channel, DateTimeOffset heardAt, DateTimeOffset lostAt, string trouble);
}
