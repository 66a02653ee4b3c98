namespace SalesforceSync.Apply;

/// <summary>A value of a reading on its way into a COPY row.</summary>
internal static class EvidenceValue
{
    /// <exception cref="InvalidOperationException">It does not fit its column; the message says which, never what.</exception>
    public static void Write(CopyBuffer buffer, ObjectTable table, TableColumn column, EvidenceRow row, int field)
    {
        try
        {
            ColumnValue.Write(buffer, column.Type, row.Values[field]);
        }
        catch (Exception misfit) when (ColumnValue.IsMisfit(misfit))
        {
            throw new InvalidOperationException($"{table.Object} {row.Id}: the value that was read for column {column.Name} is no {column.Type.Sql()}", misfit);
        }
    }
}
