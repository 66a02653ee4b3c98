namespace SalesforceSync.Apply;

/// <summary>
/// A change that can never be written, whatever is retried: its event belongs into quarantine. Roll back, tell the writer to forget, and write the rest
/// without it.
/// </summary>
/// <param name="number">The number of the change.</param>
internal sealed class UnwritableChangeException(long number, string message, Exception? inner = null) : Exception(message, inner)
{
    public long Number => number;

    /// <summary>A value does not fit its column's type. Of a record with several changes in a call, the last one is named.</summary>
    public static UnwritableChangeException Misfit(ObjectTable table, TableColumn column, RecordFold record, Exception misfit) =>
        new(record.Number, $"{table.Object}: a value does not fit column {column.Name} of type {column.Type.Sql()}", misfit);
}
