using System.Globalization;
using System.Text;
using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>How the values of one column get from the rows of a reading into a COPY row.</summary>
/// <param name="field">The field of the reading that fills the column.</param>
/// <param name="widens">An integer in a column that was widened to hold every number.</param>
internal sealed class EvidenceValue(string objectName, TableColumn column, int field, bool widens)
{
    private readonly ColumnType _type = column.Type;

    public TableColumn Column => column;

    /// <summary>A column that the reading writes.</summary>
    public static EvidenceValue Of(EvidenceBinding binding, TableColumn column)
    {
        var field = Enumerable.Range(0, binding.Columns.Count).Single(i => binding.Columns[i]?.Index == column.Index);
        var widens = column.Type == ColumnType.Numeric && binding.Types[field] is (ColumnType.Integer or ColumnType.BigInteger);
        return new(binding.Table.Object, column, field, widens);
    }

    /// <exception cref="InvalidOperationException">It does not fit its column; the message says which, never what.</exception>
    public void Write(CopyBuffer buffer, EvidenceRow row)
    {
        try
        {
            if (widens) ColumnValue.Write(buffer, _type, Digits(row.Values[field]));
            else ColumnValue.Write(buffer, _type, row.Values[field]);
        }
        catch (Exception misfit) when (ColumnValue.IsMisfit(misfit))
        {
            throw new InvalidOperationException($"{objectName} {row.Id}: the value that was read for column {column.Name} is no {column.Type.Sql()}", misfit);
        }
    }

    private static FieldValue Digits(in FieldValue value) =>
        value.IsNull ? value : FieldValue.Of(Encoding.ASCII.GetBytes(value.Integer.ToString(CultureInfo.InvariantCulture)));
}
