using System.Globalization;
using System.Text;
using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>Where the leaves of one event schema go in the table of one object. Immutable.</summary>
/// <param name="Table">The object's table.</param>
/// <param name="HardDeletes">A delete removes the row.</param>
/// <param name="Columns">By the leaf's ordinal: its column, or null where it is not written.</param>
/// <param name="All">The columns that a full record sets, to null where it has no value for them.</param>
/// <param name="IsFormer">The schema was replaced since: what it writes may stand in columns that are not the fields' any more.</param>
internal sealed record SchemaBinding(ObjectTable Table, bool HardDeletes, IReadOnlyList<TableColumn?> Columns, ColumnSet All, bool IsFormer = false)
{
    public TableColumn? ColumnOf(LeafField leaf) => Columns[leaf.Ordinal];

    /// <summary>A value as its column takes it: an integer in a column that was widened to hold every number travels as digits.</summary>
    public static FieldValue ValueOf(in FieldWrite write, TableColumn column) =>
        column.Type == ColumnType.Numeric && write.Field.Type is FieldType.Integer or FieldType.BigInteger && !write.Value.IsNull
            ? FieldValue.Of(Encoding.ASCII.GetBytes(write.Value.Integer.ToString(CultureInfo.InvariantCulture)))
            : write.Value;

    /// <summary>The columns of a plan that was carried out.</summary>
    public static SchemaBinding Of(ObjectTable table, EventSchema eventSchema, ObjectRule rule, TablePlan plan)
    {
        var columns = new TableColumn?[eventSchema.Leaves.Count];
        var all = new ColumnSet();
        foreach (var wanted in plan.Written)
        {
            var column = table.Know(wanted.Column, wanted.Type);
            if (wanted.Place is not { } place) continue;
            columns[place] = column;
            // What is hidden comes as null, whatever it holds; a value that does come is known.
            if (!wanted.IsHidden) all.Add(column.Index);
        }
        if (plan.Written.Any(w => w.IsNamePart)) table.KnowPersonName();
        return new(table, rule.HardDeletes, columns, all);
    }

    /// <summary>The columns that belong to the identities of an older schema's fields; nothing is made for it.</summary>
    public static SchemaBinding OfFormer(ObjectTable table, EventSchema eventSchema, ObjectRule rule, CatalogEntry catalog)
    {
        var columns = new TableColumn?[eventSchema.Leaves.Count];
        var all = new ColumnSet();
        foreach (var wanted in WantedColumn.Of(eventSchema, rule))
        {
            var identities = catalog.Fields.Where(f => f.Field.Equals(wanted.Field, StringComparison.OrdinalIgnoreCase)
                && f.State is FieldState.Written or FieldState.Replaced && (f.FieldId is null || wanted.FieldId is null || f.FieldId == wanted.FieldId));
            var column = identities.OrderBy(f => f.State).Select(f => table.Column(f.Column)).FirstOrDefault(c => c?.Type.Holds(wanted.Type) == true);
            if (column is null || wanted.Place is not { } place) continue;
            columns[place] = column;
            all.Add(column.Index);
        }
        return new(table, rule.HardDeletes, columns, all, IsFormer: true);
    }
}
