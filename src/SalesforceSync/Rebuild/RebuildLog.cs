using Microsoft.Extensions.Logging;

namespace SalesforceSync.Rebuild;

/// <summary>What is said of kept copies of tables.</summary>
internal static partial class RebuildLog
{
    [LoggerMessage(5200, LogLevel.Information, "{Org}: copy of {ObjectName} kept at number {Number} in {Milliseconds:0} ms: what came before is not needed to make the table again")]
    public static partial void ImageTaken(this ILogger logger, string org, string objectName, long number, double milliseconds);

    [LoggerMessage(5201, LogLevel.Warning, "{Org}: no copy of a table could be kept ({Failure}); it is tried again in a minute")]
    public static partial void ImageFailed(this ILogger logger, string org, string failure);
}
