using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>Folds the changes of one call, in their order, per table and record, and collects what the events could not tell.</summary>
internal sealed class ChangeFold
{
    private readonly SortedDictionary<string, TableFold> _tables = new(StringComparer.Ordinal);
    private readonly List<RepairRequest> _repairs = [];
    private readonly HashSet<RepairRequest> _asked = [];
    private readonly HashSet<(string, string)> _substituted = [];

    /// <summary>In a fixed order, so that writers never wait for each other in a circle.</summary>
    public IEnumerable<TableFold> Tables => _tables.Values;

    public IReadOnlyList<RepairRequest> Repairs => _repairs;

    /// <summary>Records with a text that was stored with substitutes (rule D6). Reading them again would bring the same text.</summary>
    public IReadOnlyCollection<(string Object, string RecordId)> Substituted => _substituted;

    public void Ask(RepairRequest repair)
    {
        if (_asked.Add(repair)) _repairs.Add(repair);
    }

    /// <summary>Drops the rows, which have been written; what was asked stays.</summary>
    public void Settled() => _tables.Clear();

    public void Add(NumberedChange change, SchemaBinding binding, TextDiffs diffs)
    {
        var table = binding.Table;
        if (!_tables.TryGetValue(table.Name, out var fold)) _tables.Add(table.Name, fold = new(table));
        foreach (var recordId in change.Event.Header.RecordIds)
        {
            // One event for all records of a kind (001*): nobody can say which rows it means.
            if (recordId.Contains('*', StringComparison.Ordinal))
            {
                Ask(new(table.Object, null, RepairReason.Wildcard));
                continue;
            }
            fold.Add(recordId, change, binding, diffs);
            AskForDoubts(recordId, change.Event, binding);
        }
    }

    private void AskForDoubts(string recordId, ChangeEvent change, SchemaBinding binding)
    {
        var writes = change.Writes;
        for (var i = 0; i < writes.Count; i++)
        {
            var write = writes[i];
            if (binding.ColumnOf(write.Field) is not { } column) continue;
            if (!write.IsDiff && column.Type == ColumnType.Numeric && !write.Value.IsNull && NumericText.MayBeRounded(SchemaBinding.ValueOf(write, column)))
                Ask(new(binding.Table.Object, recordId, RepairReason.Precision));
        }
        if (binding.IsFormer && writes.Count > 0) Ask(new(binding.Table.Object, recordId, RepairReason.TypeChanged));
        if (change.Substituted.Any(leaf => binding.ColumnOf(leaf) is not null)) _substituted.Add((binding.Table.Object, recordId));
    }
}
