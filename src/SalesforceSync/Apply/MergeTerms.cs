using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>What a merge goes by, as the reading's row says it now.</summary>
/// <param name="Turn">Which reading began when.</param>
/// <param name="NotesSeen">The ids it sees are kept; null: not decided yet.</param>
/// <param name="IsDeep">What it finds different is counted.</param>
/// <param name="HasOlder">A reading of the object that began earlier is open: what this one writes counts as touched for it.</param>
/// <param name="DiffsWait">Text differences of the object wait for a text.</param>
/// <param name="HasRepairs">Repairs of single records of the object are open.</param>
internal sealed record MergeTerms(
    long Id, string Object, ReadKind Kind, long Anchor, long Turn, bool Proves, bool? NotesSeen, bool HasOlder, bool DiffsWait, bool HasRepairs, bool IsDeep)
{
    private const string Move = """
        update salesforce_sync.read r set locator = $3, page_rows = $4, rows_merged = rows_merged + $5, calls = calls + $6
        where r.org = $1 and r.id = $2 and r.state = 'merging'
        returning r.anchor, r.turn, r.proves, r.notes_seen, exists (
                select from salesforce_sync.read o where o.org = $1 and o.object = r.object and o.state in ('reading', 'merging') and o.turn < r.turn),
            exists (select from salesforce_sync.pending_diff d where d.org = $1 and d.object = r.object),
            exists (select from salesforce_sync.repair p where p.org = $1 and p.object = r.object and p.state = 'open' and p.record_id is not null)
        """;

    private const string Decide = "update salesforce_sync.read set notes_seen = $3 where org = $1 and id = $2";

    /// <summary>Moves the place of a reading behind a chunk; the commit that merges it makes that true.</summary>
    /// <exception cref="InvalidOperationException">It is in another state than merging.</exception>
    public static async Task<MergeTerms> MoveAsync(OrgTransaction org, string name, Read read, EvidenceChunk chunk, CancellationToken stop)
    {
        await using var move = org.Command(
            Move, OrgTransaction.Value(name, NpgsqlDbType.Text), OrgTransaction.Value(read.Id, NpgsqlDbType.Bigint), OrgTransaction.Value(chunk.Locator, NpgsqlDbType.Text),
            OrgTransaction.Value(chunk.PageRows, NpgsqlDbType.Bigint), OrgTransaction.Value((long)chunk.Rows.Count, NpgsqlDbType.Bigint),
            OrgTransaction.Value(chunk.Calls, NpgsqlDbType.Integer));
        await using var row = await move.ExecuteReaderAsync(stop);
        return await row.ReadAsync(stop)
            ? new(
                read.Id, read.Object, read.Kind, row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2), row.IsDBNull(3) ? null : row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5),
                row.GetBoolean(6), read.Reason == DeepCount.Reason)
            : throw new InvalidOperationException($"{name}: reading {read.Id} of {read.Object} is not being merged: was it restarted or closed meanwhile?");
    }

    public async Task<bool> DecideAsync(OrgTransaction org, string name, bool notesSeen, CancellationToken stop)
    {
        await org.RunAsync(
            Decide,
            [OrgTransaction.Value(name, NpgsqlDbType.Text), OrgTransaction.Value(Id, NpgsqlDbType.Bigint), OrgTransaction.Value(notesSeen, NpgsqlDbType.Boolean)],
            stop);
        return notesSeen;
    }
}
