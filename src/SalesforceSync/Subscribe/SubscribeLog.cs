using Eventbus.V1;
using Microsoft.Extensions.Logging;

namespace SalesforceSync.Subscribe;

internal static partial class SubscribeLog
{
    [LoggerMessage(1001, LogLevel.Information, "{Org}: subscribed to {Channel}: {Preset} {ReplayId}")]
    public static partial void Subscribed(this ILogger logger, string org, string channel, ReplayPreset preset, ReplayId replayId);

    [LoggerMessage(1002, LogLevel.Information, "{Org}: {Channel} answers (rpc id {RpcId})")]
    public static partial void Answered(this ILogger logger, string org, string channel, string rpcId);

    [LoggerMessage(1003, LogLevel.Information, "{Org}: {Channel} was ended by the server")]
    public static partial void EndedByServer(this ILogger logger, string org, string channel);

    [LoggerMessage(1004, LogLevel.Warning, "{Org}: {Channel} said nothing for {After}; the connection is given up")]
    public static partial void Silent(this ILogger logger, string org, string channel, TimeSpan after);
}
