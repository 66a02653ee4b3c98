using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>Where the leaves of one event schema go in the table of one object. Immutable.</summary>
/// <param name="Table">The object's table.</param>
/// <param name="HardDeletes">A delete removes the row.</param>
/// <param name="Columns">By the leaf's ordinal: its column, or null where it is not written.</param>
/// <param name="All">Every column of this schema: what a full record sets.</param>
internal sealed record SchemaBinding(ObjectTable Table, bool HardDeletes, IReadOnlyList<TableColumn?> Columns, ColumnSet All)
{
    public TableColumn? ColumnOf(LeafField leaf) => Columns[leaf.Ordinal];
}
