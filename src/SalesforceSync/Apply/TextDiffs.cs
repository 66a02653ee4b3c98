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
internal sealed class TextDiffs
{
    private readonly Dictionary<ObjectTable, (HashSet<string> Records, SortedSet<int> Columns)> _wanted = [];
    private readonly Dictionary<(ObjectTable Table, string RecordId, int Column), byte[]> _stored = [];
    private readonly HashSet<(long Number, string RecordId, int Leaf)> _applied = [];

    /// <summary>Whether a difference of an event was applied to a record, so that its column counts as written.</summary>
    public bool IsApplied(NumberedChange change, string recordId, FieldWrite write) => _applied.Contains((change.Number, recordId, write.Field.Ordinal));

    /// <summary>Notes which texts a change needs.</summary>
    public void Want(ChangeEvent change, SchemaBinding binding)
    {
        foreach (var write in change.Writes)
        {
            if (!write.IsDiff || binding.ColumnOf(write.Field) is not { Type: ColumnType.Text } column) continue;
            if (!_wanted.TryGetValue(binding.Table, out var wanted)) _wanted.Add(binding.Table, wanted = (new(StringComparer.Ordinal), []));
            wanted.Records.UnionWith(change.Header.RecordIds);
            wanted.Columns.Add(column.Index);
        }
    }

    /// <summary>Reads what was noted, one query per table.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        foreach (var (table, (records, columns)) in _wanted)
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
    }

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
