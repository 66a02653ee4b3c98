using System.Text;
using NpgsqlTypes;
using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>
/// Text differences that waited for a text (rule D3), when a reading brings one: those that came before the reading began are in it, later ones are tried on
/// it, and the last that fits settles all before it. What they make is written with the merge.
/// </summary>
internal sealed class DiffsAtMerge(OrgTransaction org, string name, MergeTerms terms, EvidenceBinding binding)
{
    // It tells what the event told, as if it had been applied then.
    private const string Touch = """
        insert into salesforce_sync.touch (org, object, record_id, event, columns, existence)
        select $1, $2, t.record_id, t.event, array[t."column"], false from unnest($3, $4, $5) as t (record_id, event, "column")
        """;

    private readonly PendingDiffs _pending = new(org.Connection, name);
    private readonly List<UnfitDiff> _dropped = [];
    private readonly List<UnfitDiff> _applied = [];

    /// <summary>Tries what waits on the rows that are about to be written; returns them as they are to be written.</summary>
    /// <param name="absent">Records that are about to go.</param>
    public async Task<List<MergeRow>> ApplyAsync(List<MergeRow> merged, string[] absent, CancellationToken stop)
    {
        if (!terms.DiffsWait)
            return merged;
        var objectName = binding.Table.Object;
        var waiting = await _pending.OfAsync([.. merged.Select(row => (objectName, row.Row.Id)), .. absent.Select(id => (objectName, id))], stop);
        if (waiting.Count == 0)
            return merged;
        var gone = absent.ToHashSet(StringComparer.Ordinal);
        _dropped.AddRange(waiting.Where(diff => gone.Contains(diff.RecordId) && diff.Received <= terms.Anchor));
        var byRecord = waiting.Where(diff => !gone.Contains(diff.RecordId)).ToLookup(diff => diff.RecordId, StringComparer.Ordinal);
        var tried = merged.ConvertAll(row => byRecord.Contains(row.Row.Id) ? Try(row, byRecord[row.Row.Id]) : row);
        if (_dropped.Count > 0)
            await _pending.DropAsync(_dropped, stop);
        if (_applied.Count > 0)
            await TouchAsync(stop);
        return tried;
    }

    private MergeRow Try(MergeRow row, IEnumerable<UnfitDiff> waiting)
    {
        foreach (var column in waiting.GroupBy(diff => diff.Column))
        {
            var place = binding.Columns.ToList().FindIndex(c => c?.Name == column.Key);
            if (place < 0)
                _dropped.AddRange(column.Where(diff => binding.Table.Column(column.Key) is null && diff.Received <= terms.Anchor));
            else if (row.Written.Contains(binding.Columns[place]!.Index))
                row = Try(row, place, [.. column]);
        }
        return row;
    }

    private MergeRow Try(MergeRow row, int place, IReadOnlyList<UnfitDiff> waiting)
    {
        _dropped.AddRange(waiting.Where(diff => diff.Received <= terms.Anchor));
        var later = waiting.Where(diff => diff.Received > terms.Anchor).ToList();
        var text = row.Row.Values[place].IsNull ? null : row.Row.Values[place].Bytes.ToArray();
        var (made, settled) = (text, 0);
        for (var i = 0; i < later.Count && made is not null; i++)
        {
            if (TextDiff.Apply(made, Encoding.UTF8.GetBytes(later[i].Diff)) is not { } next)
                continue;
            (made, settled) = (next, i + 1);
            _applied.Add(later[i]);
        }
        _dropped.AddRange(later.Take(settled));
        if (settled == 0)
            return row;
        var values = (FieldValue[])row.Row.Values.Clone();
        values[place] = made!.Length == 0 ? FieldValue.Null : FieldValue.Of(made);
        return row with { Row = row.Row with { Values = values } };
    }

    private Task<int> TouchAsync(CancellationToken stop) => org.RunAsync(
        Touch,
        [
            OrgTransaction.Value(name, NpgsqlDbType.Text), OrgTransaction.Value(binding.Table.Object, NpgsqlDbType.Text),
            OrgTransaction.Value(_applied.Select(d => d.RecordId).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text),
            OrgTransaction.Value(_applied.Select(d => d.Received).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint),
            OrgTransaction.Value(_applied.Select(d => KeyOf(d.Column)).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text),
        ],
        stop);

    private string KeyOf(string column) => binding.Keys[binding.Columns.ToList().FindIndex(c => c?.Name == column)];
}
