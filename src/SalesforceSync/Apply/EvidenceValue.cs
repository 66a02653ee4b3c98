using System.Globalization;
using System.Text;
using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>A value of a reading on its way into a COPY row.</summary>
internal static class EvidenceValue
{
    /// <exception cref="InvalidOperationException">It does not fit its column; the message says which, never what.</exception>
    public static void Write(CopyBuffer buffer, EvidenceBinding binding, TableColumn column, EvidenceRow row, int field)
    {
        try
        {
            ColumnValue.Write(buffer, column.Type, Fitting(row.Values[field], binding.Types[field], column.Type));
        }
        catch (Exception misfit) when (ColumnValue.IsMisfit(misfit))
        {
            throw new InvalidOperationException($"{binding.Table.Object} {row.Id}: the value that was read for column {column.Name} is no {column.Type.Sql()}", misfit);
        }
    }

    /// <summary>An integer in a column that was widened to hold every number travels as digits.</summary>
    private static FieldValue Fitting(in FieldValue value, ColumnType from, ColumnType to) =>
        to == ColumnType.Numeric && from is (ColumnType.Integer or ColumnType.BigInteger) && !value.IsNull
            ? FieldValue.Of(Encoding.ASCII.GetBytes(value.Integer.ToString(CultureInfo.InvariantCulture)))
            : value;
}
