using Microsoft.Extensions.Logging;

namespace SalesforceSync.Protocol;

internal static partial class ProtocolLog
{
    [LoggerMessage(1900, LogLevel.Error, "{Path}: the handler of a call failed")]
    public static partial void HandlerFailed(this ILogger logger, string path, Exception error);
}
