using Microsoft.Extensions.Logging;

namespace SalesforceSync.Apply;

internal static partial class RowsLog
{
    [LoggerMessage(5101, LogLevel.Information, "{Org}: {Object}: table {Table} created with {Columns} field columns")]
    public static partial void TableCreated(this ILogger logger, string org, string Object, string table, int columns);

    [LoggerMessage(5102, LogLevel.Information, "{Org}: {Object}: {Columns} columns added to table {Table}")]
    public static partial void ColumnsAdded(this ILogger logger, string org, string Object, string table, int columns);

    [LoggerMessage(5103, LogLevel.Warning, "{Org}: {Object}: schema {SchemaId} has fields that are not written ({Reason}); a repair is open")]
    public static partial void FieldsNotWritten(this ILogger logger, string org, string Object, string schemaId, string reason);
}
