namespace SalesforceSync.Apply;

/// <summary>Where the fields of a reading go in the table of its object. Immutable.</summary>
/// <param name="Columns">By the field's index: its column, or null where it is not written.</param>
/// <param name="Keys">By the field's index: what it is called among touches, whichever column it has.</param>
/// <param name="Types">By the field's index: what its values are.</param>
/// <param name="All">Every column that is written.</param>
/// <param name="ChangedTable">The table was made or got columns for it, which apply does not know of.</param>
internal sealed record EvidenceBinding(
    ObjectTable Table, bool HardDeletes, IReadOnlyList<TableColumn?> Columns, IReadOnlyList<string> Keys, IReadOnlyList<ColumnType> Types, ColumnSet All,
    bool ChangedTable)
{
    /// <summary>The columns of a plan that was carried out.</summary>
    public static EvidenceBinding Of(ObjectTable table, EvidenceShape shape, ObjectRule rule, TablePlan plan, bool changedTable)
    {
        var columns = new TableColumn?[shape.Fields.Count];
        var all = new ColumnSet();
        foreach (var wanted in plan.Written)
        {
            var column = table.Know(wanted.Column, wanted.Type);
            if (wanted.Place is not { } place) continue;
            columns[place] = column;
            all.Add(column.Index);
        }
        if (plan.Written.Any(w => w.IsNamePart)) table.KnowPersonName();
        return new(table, rule.HardDeletes, columns, [.. shape.Fields.Select(f => PostgresName.Of(f.Name))], [.. shape.Fields.Select(f => f.Type)], all, changedTable);
    }
}
