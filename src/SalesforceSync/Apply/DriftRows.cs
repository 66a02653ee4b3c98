using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>
/// What a change of schema leaves behind in the control schema: readings that fill new columns or begin anew, gaps of what is not written, paused objects.
/// All run inside the caller's transaction, which holds the org's row.
/// </summary>
internal sealed class DriftRows(NpgsqlConnection connection, string org)
{
    /// <summary>Why an object is paused that no person has paused.</summary>
    public const string PausedBySchema = "schema_changed";

    /// <summary>The reason of a gap that lasts as long as an object is paused, and until it was read after that.</summary>
    public const string PausedGap = "paused";

    private const string Drifted = """
        insert into salesforce_sync.object (org, object, channel, drifted_at) values ($1, $2, $3, clock_timestamp())
        on conflict (org, object) do update set drifted_at = excluded.drifted_at
        """;

    // A snapshot begins anew with every field, and one that waits reads them all: neither needs a reading beside it, unless it reads only some of the records.
    private const string Fill = """
        with covered as (
            select from salesforce_sync.read where org = $1 and object = $2 and kind = 'snapshot' and since is null and condition is null
            and (state = 'waiting' or (state in ('reading', 'merging') and (stale is not null or fields @> $4)))),
        waiting as (
            update salesforce_sync.read set fields = (select array_agg(distinct f) from unnest(fields || $4) as f), opened_at = clock_timestamp()
            where org = $1 and object = $2 and kind = 'fill' and state = 'waiting' and not exists (select from covered) returning 1)
        insert into salesforce_sync.read (org, object, channel, kind, reason, fields)
        select $1, $2, $3, 'fill', 'new_field', $4 where not exists (select from covered) and not exists (select from waiting)
        """;

    private const string Restart = """
        update salesforce_sync.read set stale = 'a field it reads has become another'
        where org = $1 and object = $2 and state in ('reading', 'merging') and (kind = 'snapshot' or fields is null or fields && $3)
        """;

    // One that is open still is longer now: what was read meanwhile proves nothing any more.
    private const string OpenGap = """
        with longer as (
            update salesforce_sync.coverage set recorded_at = clock_timestamp() where org = $1 and object = $2 and state = 'gap' and to_event is null
            and evidence->>'reason' = $5 and evidence->>'field' is not distinct from $6 returning 1)
        insert into salesforce_sync.coverage (org, object, state, from_event, evidence)
        select $1, $2, 'gap', $3, jsonb_strip_nulls(jsonb_build_object('channel', $4::text, 'reason', $5::text, 'field', $6::text))
        where not exists (select from longer)
        """;

    private const string Pause = """
        update salesforce_sync.object set state = 'paused', state_reason = $3 where org = $1 and object = $2
        """;

    private const string Resume = """
        update salesforce_sync.object set state = 'copied', state_reason = null, accepts = false where org = $1 and object = $2 and state = 'paused'
        """;

    private const string Snapshot = """
        insert into salesforce_sync.read (org, object, channel, kind, reason, proves) values ($1, $2, $3, 'snapshot', 'resumed', true)
        on conflict (org, object) where kind = 'snapshot' and state in ('waiting', 'reading', 'merging') do nothing
        """;

    private const string Substitute = """
        insert into salesforce_sync.substituted (org, object, record_id, event)
        select distinct on (s.object, s.record_id) $1, s.object, s.record_id, $4::bigint from unnest($2, $3) as s (object, record_id)
        on conflict (org, object, record_id) do update set event = excluded.event, at = clock_timestamp()
        """;

    /// <param name="fromEvent">Received number of the first event that may be affected.</param>
    public async Task WriteAsync(SchemaDrift drift, string channel, long fromEvent, CancellationToken stop)
    {
        await RunAsync(Drifted, stop, Text(drift.Object), Text(channel));
        if (drift.Stale.Count > 0)
            await RunAsync(Restart, stop, Text(drift.Object), Texts(drift.Stale));
        if (drift.Resume)
        {
            await RunAsync(Resume, stop, Text(drift.Object));
            await RunAsync(Snapshot, stop, Text(drift.Object), Text(channel));
        }
        if (drift.Fill.Count > 0)
            await RunAsync(Fill, stop, Text(drift.Object), Text(channel), Texts(drift.Fill));
        foreach (var (field, reason) in drift.Frozen)
            await OpenGapAsync(drift.Object, channel, fromEvent, reason, field, stop);
        if (!drift.Pause) return;
        await RunAsync(Pause, stop, Text(drift.Object), Text(PausedBySchema));
        await OpenGapAsync(drift.Object, channel, fromEvent, PausedGap, null, stop);
    }

    /// <summary>Remembers which records hold a substitute.</summary>
    /// <param name="number">Received number of the event; null: a reading brought it.</param>
    public Task SubstitutedAsync(IReadOnlyCollection<(string Object, string RecordId)> records, long? number, CancellationToken stop) =>
        RunAsync(Substitute, stop, Texts([.. records.Select(r => r.Object)]), Texts([.. records.Select(r => r.RecordId)]),
            new() { Value = (object?)number ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });

    private Task OpenGapAsync(string objectName, string channel, long fromEvent, string reason, string? field, CancellationToken stop) => RunAsync(
        OpenGap, stop, Text(objectName), new NpgsqlParameter<long> { TypedValue = fromEvent }, Text(channel), Text(reason),
        new() { Value = (object?)field ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });

    private async Task RunAsync(string sql, CancellationToken stop, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { Text(org) } };
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        await command.ExecuteNonQueryAsync(stop);
    }

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private static NpgsqlParameter Texts(IReadOnlyList<string> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
