using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>
/// Text differences that wait for a text they fit to (rule D3), in <c>salesforce_sync.pending_diff</c>. Runs inside the caller's transaction on the caller's
/// connection, with the org's row locked.
/// </summary>
internal sealed class PendingDiffs(NpgsqlConnection connection, string org)
{
    private const string Insert = """
        insert into salesforce_sync.pending_diff (org, object, record_id, "column", channel, event, sequence, diff)
        select $1, d.object, d.record_id, d."column", $2, d.event, d.sequence, d.diff
        from unnest($3, $4, $5, $6, $7, $8) as d (object, record_id, "column", event, sequence, diff)
        on conflict (org, object, record_id, "column", event) do update set diff = excluded.diff, sequence = excluded.sequence
        """;

    private const string OfRecords = """
        select p.object, p.record_id, p."column", p.event, p.diff from salesforce_sync.pending_diff p
        join unnest($2, $3) as r (object, record_id) on r.object = p.object and r.record_id = p.record_id
        where p.org = $1 order by p.object, p.record_id, p."column", p.event, p.sequence
        """;

    private const string Delete = """
        delete from salesforce_sync.pending_diff p using unnest($2, $3, $4, $5) as d (object, record_id, "column", event)
        where p.org = $1 and p.object = d.object and p.record_id = d.record_id and p."column" = d."column" and p.event = d.event
        """;

    // What the difference would have told is there now.
    private const string Close = """
        update salesforce_sync.repair r set state = 'done', closed_at = clock_timestamp()
        from unnest($2, $3) as d (object, record_id)
        where r.org = $1 and r.object = d.object and r.record_id = d.record_id and r.reason = 'text_diff' and r.state = 'open'
            and not exists (select from salesforce_sync.pending_diff p where p.org = $1 and p.object = d.object and p.record_id = d.record_id)
        """;

    private const string Left = """
        select d.object, d.record_id from unnest($2, $3) as d (object, record_id)
        where not exists (select from salesforce_sync.pending_diff p where p.org = $1 and p.object = d.object and p.record_id = d.record_id)
        """;

    public async Task AddAsync(string channel, IReadOnlyList<UnfitDiff> diffs, CancellationToken stop)
    {
        await using var insert = Command(
            Insert, Text(channel), Array(diffs, d => d.Object), Array(diffs, d => d.RecordId), Array(diffs, d => d.Column),
            Numbers(diffs.Select(d => d.Received)), new() { Value = diffs.Select(d => d.Sequence).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer },
            Array(diffs, d => d.Diff));
        await insert.ExecuteNonQueryAsync(stop);
    }

    /// <summary>What waits for these records, in the order it came.</summary>
    public async Task<IReadOnlyList<UnfitDiff>> OfAsync(IReadOnlyCollection<(string Object, string RecordId)> records, CancellationToken stop)
    {
        var waiting = new List<UnfitDiff>();
        await using var query = Command(OfRecords, Objects(records), Records(records));
        await using var row = await query.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            waiting.Add(new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), 0, row.GetString(4)));
        return waiting;
    }

    /// <summary>
    /// These wait no longer. Returns the records for which nothing waits now; their repairs are closed.
    /// </summary>
    public async Task<IReadOnlyList<(string Object, string RecordId)>> DropAsync(IReadOnlyList<UnfitDiff> diffs, CancellationToken stop)
    {
        var records = diffs.Select(d => (d.Object, d.RecordId)).Distinct().ToList();
        await using (var delete = Command(Delete, Array(diffs, d => d.Object), Array(diffs, d => d.RecordId), Array(diffs, d => d.Column), Numbers(diffs.Select(d => d.Received))))
            await delete.ExecuteNonQueryAsync(stop);
        await using (var close = Command(Close, Objects(records), Records(records)))
            await close.ExecuteNonQueryAsync(stop);
        var settled = new List<(string, string)>();
        await using var left = Command(Left, Objects(records), Records(records));
        await using var row = await left.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            settled.Add((row.GetString(0), row.GetString(1)));
        return settled;
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, connection) { Parameters = { Text(org) } };
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    private static NpgsqlParameter Objects(IEnumerable<(string Object, string RecordId)> records) => Array([.. records], r => r.Object);

    private static NpgsqlParameter Records(IEnumerable<(string Object, string RecordId)> records) => Array([.. records], r => r.RecordId);

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Array<T>(IReadOnlyList<T> of, Func<T, string> part) =>
        new() { Value = of.Select(part).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Numbers(IEnumerable<long> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
}
