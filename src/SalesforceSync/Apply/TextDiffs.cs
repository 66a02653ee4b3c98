using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>A text that came as a difference of a text we do not have.</summary>
/// <param name="Received">The number the event was received under.</param>
/// <param name="Sequence">The event's place within its transaction.</param>
internal sealed record UnfitDiff(string Object, string RecordId, string Column, long Received, int Sequence, string Diff);

/// <summary>
/// The text differences of one call (rule D3): the texts they are to be applied to, read from the tables before anything is written, and which of them
/// were applied. Used by one call of the writer.
/// </summary>
/// <param name="waiting">Those of the call's records that did not fit when they came.</param>
internal sealed class TextDiffs(IReadOnlyList<UnfitDiff> waiting)
{
    private readonly List<UnfitDiff> _waiting = [.. waiting];
    private readonly List<UnfitDiff> _unfit = [];
    private readonly HashSet<SchemaBinding> _read = [];
    private readonly Dictionary<(ObjectTable Table, string RecordId, int Column), byte[]> _stored = [];
    private readonly HashSet<(long Number, string RecordId, int Leaf)> _applied = [];

    /// <summary>Those of this call that fit to nothing and were not overtaken by a later write of the same text, in the order they came within a record.</summary>
    public IReadOnlyList<UnfitDiff> Unfit => _unfit;

    /// <summary>Those that waited, whose text was written since.</summary>
    public IReadOnlyList<UnfitDiff> Overtaken => [.. waiting.Except(_waiting)];

    /// <summary>The records for which a text has to be fetched.</summary>
    public IEnumerable<(string Object, string RecordId)> Asking => _unfit.Select(diff => (diff.Object, diff.RecordId)).Distinct();

    /// <summary>Whether a difference of an event was applied to a record, so that its column counts as written.</summary>
    public bool IsApplied(NumberedChange change, string recordId, FieldWrite write) => _applied.Contains((change.Number, recordId, write.Field.Ordinal));

    /// <summary>Reads the texts that the differences among these changes are of, as far as they come with the same schema: one query for all of them.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, IEnumerable<NumberedChange> changes, SchemaBinding binding, CancellationToken stop)
    {
        if (!_read.Add(binding)) return;
        var records = new HashSet<string>(StringComparer.Ordinal);
        var columns = new SortedSet<int>();
        var schema = changes.First().Event.Schema;
        foreach (var change in changes.Where(c => ReferenceEquals(c.Event.Schema, schema) && c.Event.Header.DiffFields.Count > 0))
        {
            foreach (var write in change.Event.Writes)
            {
                if (!write.IsDiff || binding.ColumnOf(write.Field) is not { Type: ColumnType.Text } column) continue;
                records.UnionWith(change.Event.Header.RecordIds);
                columns.Add(column.Index);
            }
        }
        if (columns.Count > 0) await ReadAsync(connection, binding.Table, records, columns, stop);
    }

    private async Task ReadAsync(NpgsqlConnection connection, ObjectTable table, IEnumerable<string> records, SortedSet<int> columns, CancellationToken stop)
    {
        var list = string.Join(", ", columns.Select(c => $"convert_to(t.{table.Columns[c].Quoted}, 'UTF8')"));
        await using var command = new NpgsqlCommand($"select t.id, {list} from {table.Quoted} t where t.id = any($1)", connection)
        {
            Parameters = { ColumnValue.Typed(records.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text) },
        };
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            var place = 0;
            foreach (var column in columns)
            {
                if (!row.IsDBNull(++place)) _stored[(table, row.GetString(0), column)] = row.GetFieldValue<byte[]>(place);
            }
        }
    }

    /// <summary>The rows are written: what was read of them counts no longer.</summary>
    public void Settle(IEnumerable<TableFold> tables)
    {
        foreach (var table in tables)
        {
            if (_waiting.Count + _unfit.Count > 0)
            {
                _waiting.RemoveAll(diff => Wrote(table, diff));
                _unfit.RemoveAll(diff => Wrote(table, diff));
            }
            foreach (var record in table.Records)
            {
                if (record.HasUnfit) _unfit.AddRange(record.Unfit);
            }
        }
        _stored.Clear();
        _read.Clear();
    }

    private static bool Wrote(TableFold table, UnfitDiff diff) => table.Table.Object == diff.Object && table.Find(diff.RecordId) is { } record
        && table.Table.Column(diff.Column) is { } column && record.Columns.Contains(column.Index);

    /// <summary>The text a difference makes, or null when it does not fit.</summary>
    /// <param name="present">What an earlier change of the same call wrote; null when none did.</param>
    public FieldValue? Apply(ObjectTable table, string recordId, TableColumn column, FieldValue? present, NumberedChange change, FieldWrite write)
    {
        if (column.Type != ColumnType.Text || write.Value.IsNull) return null;
        var text = present is { } value ? (value.IsNull ? null : value.Bytes.ToArray()) : _stored.GetValueOrDefault((table, recordId, column.Index));
        if (text is null || TextDiff.Apply(text, write.Value.Bytes.Span) is not { } made) return null;
        _applied.Add((change.Number, recordId, write.Field.Ordinal));
        return made.Length == 0 ? FieldValue.Null : FieldValue.Of(made);
    }
}
