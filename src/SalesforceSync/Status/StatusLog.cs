using Microsoft.Extensions.Logging;

namespace SalesforceSync.Status;

internal static partial class StatusLog
{
    [LoggerMessage(8001, LogLevel.Information, "listening on port {Port}")]
    public static partial void Listening(this ILogger logger, int port);

    [LoggerMessage(8002, LogLevel.Error, "port {Port} cannot be had ({Reason}): free it or set Http:Port. The worker runs on, unwatched, and tries again")]
    public static partial void PortTaken(this ILogger logger, int port, string reason);
}
