using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>One merge's writes and what they leave behind: the numbered input, what changed of single records, touches for older readings, closed repairs.</summary>
/// <param name="number">The apply number of the merge.</param>
internal sealed class MergeJournal(OrgTransaction org, string name, MergeTerms terms, long number)
{
    private const string Input = "insert into salesforce_sync.input (org, first, count, read) values ($1, $2, 1, $3)";

    private const string Touch = """
        insert into salesforce_sync.touch (org, object, record_id, read, columns, existence, commit_at)
        select $1, $2, t.record_id, $3, string_to_array(t.columns, ','), t.existence, r.began_at
        from unnest($4, $5, $6) as t (record_id, columns, existence), salesforce_sync.read r where r.org = $1 and r.id = $7
        """;

    private const string AskForRest = """
        insert into salesforce_sync.repair (org, object, record_id, reason, event) select $1, $2, t.id, 'unseen', $3 from {0} t
        where t.id = any($4) and t._sync_event = $5 and t._sync_incomplete
        on conflict (org, object, record_id, reason) where state = 'open' do nothing
        """;

    public long Number => number;

    /// <summary>Whole snapshots and fills are read again rather than replayed; of everything else what it changed is kept (rule H).</summary>
    public bool KeepsPatches => terms.Kind is not (ReadKind.Snapshot or ReadKind.Fill);

    /// <param name="call">Whose rows of the stage are merged.</param>
    public async Task<int> KeepAsync(ObjectTable table, EvidenceSql sql, long call, Func<NpgsqlParameter[]> parameters, CancellationToken stop)
    {
        if (KeepsPatches || terms.IsDeep)
            await org.RunAsync(sql.Before, [parameters()[3], Bigint(call)], stop);
        var written = await org.RunAsync(sql.Merge, [.. parameters(), Bigint(call)], stop);
        if (KeepsPatches)
            await PatchAsync(table, [.. sql.Columns.Select(c => c.Name)], call, stop);
        if (terms.IsDeep)
            await DeepCount.ChangesAsync(org, name, terms, table, call, stop);
        return written;
    }

    /// <summary>Records that do not exist: marked, or removed where deletes are hard. Of verdicts the patch is kept whatever the reading.</summary>
    public async Task<int> RemoveAsync(EvidenceBinding binding, string[] gone, string from, DateTimeOffset now, CancellationToken stop)
    {
        var (table, call) = (binding.Table, MergeStage.NextCall());
        await MergeStage.PrepareAsync(org.Connection, null, stop);
        await org.RunAsync(
            $"insert into {MergeStage.Before} (call, id, was) select $2, t.id, to_jsonb(t) from {table.Quoted} t where t.id = any($1)"
            + (binding.HardDeletes ? "" : " and not t._sync_deleted"), [Texts(gone), Bigint(call)], stop);
        var written = await org.RunAsync(
            binding.HardDeletes
                ? $"delete from {table.Quoted} t using {MergeStage.Before} r where t.id = r.id and r.call = $1"
                : $"""
                update {table.Quoted} t set _sync_event = $1, _sync_source = $2, _sync_deleted = true, _sync_incomplete = false, _sync_commit_number = null,
                    _sync_transaction_key = null, _sync_sequence = null, _sync_applied_at = $3
                from {MergeStage.Before} r where t.id = r.id and r.call = $4
                """,
            binding.HardDeletes ? [Bigint(call)] : [Bigint(number), Text(from), OrgTransaction.Value(now.UtcDateTime, NpgsqlDbType.TimestampTz), Bigint(call)], stop);
        await PatchAsync(table, [], call, stop);
        return written;
    }

    /// <summary>What was merged is newer than what readings that began earlier have still to bring.</summary>
    public async Task TouchAsync(EvidenceBinding binding, IReadOnlyList<MergeRow> merged, string[] absent, CancellationToken stop)
    {
        if (!terms.HasOlder || PlantedBug.Is(PlantedBugs.LaterReadingLoses) || merged.Count + absent.Length == 0)
            return;
        var names = new Dictionary<ColumnSet, string>();
        string Names(ColumnSet columns)
        {
            if (!names.TryGetValue(columns, out var text))
                names.Add(columns, text = string.Join(',', binding.Keys.Where((_, field) => binding.Columns[field] is { } column && columns.Contains(column.Index))));
            return text;
        }
        await org.RunAsync(
            Touch,
            [
                Text(name), Text(terms.Object), Bigint(terms.Turn), Texts([.. merged.Select(m => m.Row.Id), .. absent]),
                Texts([.. merged.Select(m => Names(m.Written)), .. absent.Select(_ => "")]),
                OrgTransaction.Value((bool[])[.. merged.Select(m => m.TellsExistence), .. absent.Select(_ => true)], NpgsqlDbType.Array | NpgsqlDbType.Boolean),
                Bigint(terms.Id),
            ],
            stop);
    }

    /// <summary>Closes the repairs that these records have answered.</summary>
    /// <param name="complete">All of each record was read.</param>
    /// <param name="ids">What was read, and of what was not there what nothing newer told of.</param>
    /// <param name="completed">Of them, those of which nothing is missing now.</param>
    public async Task AnswerAsync(bool complete, string[] ids, string[] completed, CancellationToken stop)
    {
        if (!complete || !terms.HasRepairs || terms.Kind is not (ReadKind.Snapshot or ReadKind.Repair))
            return;
        await org.RunAsync(AnsweredRepairs.OfRecords, [Text(name), Bigint(terms.Id), Texts(ids)], stop);
        await org.RunAsync(AnsweredRepairs.OfCompleted, [Text(name), Text(terms.Object), Texts(completed)], stop);
    }

    /// <summary>Of these rows something is a substitute for what Postgres cannot hold.</summary>
    public async Task SubstitutedAsync(IEnumerable<MergeRow> merged, CancellationToken stop)
    {
        (string, string)[] records = [.. merged.Where(m => m.Row.IsSubstituted && m.Written.Count > 0).Select(m => (terms.Object, m.Row.Id))];
        if (records.Length > 0)
            await new DriftRows(org.Connection, name).SubstitutedAsync(records, number: null, stop);
    }

    /// <summary>A reading of some columns may bring records that nobody knew of: the rest of them has to be fetched.</summary>
    public Task AskForRestAsync(ObjectTable table, string[] ids, CancellationToken stop) => PlantedBug.Is(PlantedBugs.StubsStay) ? Task.CompletedTask : org.RunAsync(
        AskForRest.Replace("{0}", table.Quoted, StringComparison.Ordinal), [Text(name), Text(terms.Object), Bigint(terms.Anchor), Texts(ids), Bigint(number)], stop);

    public Task WriteAsync(CancellationToken stop) => org.RunAsync(Input, [Text(name), Bigint(number), Bigint(terms.Id)], stop);

    /// <summary>
    /// What became of each record, by the difference between the row before and the row now. Both are documents, so no column is forgotten. A row that was
    /// not there, or not whole, may have been lost to something that no input tells of: what was written over nothing is kept too, or a table made again
    /// would have what the record had before it was lost.
    /// </summary>
    /// <param name="read">The columns the reading brought.</param>
    private Task<int> PatchAsync(ObjectTable table, string[] read, long call, CancellationToken stop) =>
        org.RunAsync(Patches(table), [Text(name), Text(terms.Object), Bigint(number), Bigint(call), Texts(read)], stop);

    private static string Patches(ObjectTable table) => $"""
        insert into salesforce_sync.read_row (org, object, record_id, number, becomes, columns)
        select $1, $2, b.id, $3,
            case when n.id is null then 'gone'
                 when b.was is null or (b.was ->> '_sync_deleted')::boolean is distinct from n._sync_deleted then case when n._sync_deleted then 'deleted' else 'live' end
                 else 'kept' end,
            coalesce((
                select jsonb_object_agg(c.key, c.value) from jsonb_each_text(to_jsonb(n)) c
                where c.key not in ('id', '_sync_applied_at', '_sync_deleted', '_sync_event') and (c.value is distinct from b.was ->> c.key
                    or c.key in ('_sync_commit_number', '_sync_transaction_key', '_sync_sequence')
                    or c.key = any($5) and (b.was is null or (b.was ->> '_sync_incomplete')::boolean and not n._sync_incomplete))), '{"{}"}')
        from {MergeStage.Before} b left join {table.Quoted} n on n.id = b.id where b.call = $4
        """;

    private static NpgsqlParameter Text(string value) => OrgTransaction.Value(value, NpgsqlDbType.Text);

    private static NpgsqlParameter Texts(string[] values) => OrgTransaction.Value(values, NpgsqlDbType.Array | NpgsqlDbType.Text);

    private static NpgsqlParameter Bigint(long value) => OrgTransaction.Value(value, NpgsqlDbType.Bigint);
}
