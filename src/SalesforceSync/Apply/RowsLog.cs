using Microsoft.Extensions.Logging;

namespace SalesforceSync.Apply;

internal static partial class RowsLog
{
    [LoggerMessage(5101, LogLevel.Information, "{Org}: {Object}: table {Table} created with {Columns} field columns")]
    public static partial void TableCreated(this ILogger logger, string org, string Object, string table, int columns);

    [LoggerMessage(5102, LogLevel.Information, "{Org}: {Object}: {Columns} columns added to table {Table}")]
    public static partial void ColumnsAdded(this ILogger logger, string org, string Object, string table, int columns);

    [LoggerMessage(5103, LogLevel.Warning, "{Org}: {Object}: schema {SchemaId} has {Fields} fields more than Postgres has columns; they are not copied: leave others out with Exclude")]
    public static partial void FieldsWithoutRoom(this ILogger logger, string org, string Object, string schemaId, int fields);

    [LoggerMessage(5104, LogLevel.Information, "{Org}: {Object}: column {Column} widened to {Type}; the table of about {Rows} rows is rewritten")]
    public static partial void ColumnWidened(this ILogger logger, string org, string Object, string column, string type, long rows);

    [LoggerMessage(5105, LogLevel.Warning, "{Org}: {Object}: field {Field} is another now ({Reason}): written to column {NewColumn}, column {Column} keeps what it had")]
    public static partial void FieldReplaced(this ILogger logger, string org, string Object, string field, string column, string newColumn, string reason);

    [LoggerMessage(5106, LogLevel.Warning, "{Org}: {Object}: field {Field} is gone from the org; column {Column} keeps what it had")]
    public static partial void FieldRemoved(this ILogger logger, string org, string Object, string field, string column);

    [LoggerMessage(5107, LogLevel.Warning, "{Org}: {Object}: field {Field} is not written any more ({Reason}); its column keeps what it had and a gap is open")]
    public static partial void FieldFrozen(this ILogger logger, string org, string Object, string field, string reason);

    [LoggerMessage(5108, LogLevel.Warning, "{Org}: {Object}: paused: schema {SchemaId} has other fields than the table, and SchemaChanges is Pause; resume --object lets the change in")]
    public static partial void ObjectPaused(this ILogger logger, string org, string Object, string schemaId);

    [LoggerMessage(5109, LogLevel.Warning, "{Org}: {Object}: table {Table} was dropped or renamed by somebody; it is made again, empty, and read whole (a gap is open until then)")]
    public static partial void TableDropped(this ILogger logger, string org, string Object, string table);

    [LoggerMessage(5110, LogLevel.Warning, "{Org}: {Object}: columns of table {Table} were dropped or renamed by somebody ({Columns}); they are made again and the object is read whole (a gap is open until then)")]
    public static partial void ColumnsDropped(this ILogger logger, string org, string Object, string table, string columns);
}
