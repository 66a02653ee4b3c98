using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Store;

/// <summary>
/// Writes down that a position can no longer be resumed from: a dated gap in the coverage, and a received position that says so. One transaction, guarded by
/// the org's row, so that what is missing is known before the stream goes on.
/// </summary>
internal sealed class LostPosition(NpgsqlDataSource source, Ownership ownership, string channel)
{
    /// <summary>Late commits carry older stamps: what is in doubt begins this much before the last change applied.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(30);

    private const string LockOrg = "select 1 from salesforce_sync.org where name = $1 and epoch = $2 and owner = $3 for update";

    // A loss while an earlier one is still in doubt makes that one longer; what was read in between proves nothing any more.
    private const string OpenGap = """
        with longer as (
            update salesforce_sync.coverage g set to_at = clock_timestamp(), recorded_at = clock_timestamp(),
                evidence = g.evidence || jsonb_build_object('reason', $4::text, 'replay_id', encode($5, 'hex'), 'policy', $6::text, 'start', $7::text,
                    'losses', coalesce((g.evidence ->> 'losses')::int, 1) + 1)
            where g.org = $1 and g.object is null and g.state = 'gap' and g.to_event is null and g.evidence ? 'policy' and g.evidence ->> 'channel' = $2
            returning 1)
        insert into salesforce_sync.coverage (org, object, state, from_event, from_at, to_at, evidence)
        select $1, null, 'gap', c.event, c.commit_at - $3, clock_timestamp(),
            jsonb_build_object('reason', $4::text, 'channel', $2::text, 'replay_id', encode($5, 'hex'), 'policy', $6::text, 'start', $7::text)
        from salesforce_sync.cursor c where c.org = $1 and c.channel = $2 and c.stage = 'applied' and not exists (select from longer)
        """;

    // What Salesforce still keeps is about what came in the three days before the stream was last heard; no more is counted than the answer needs.
    private const string Price = """
        select (select count(*) from (select from salesforce_sync.event e
                where e.org = $1 and e.channel = $2 and e.received_at > c.heard_at - interval '72 hours' limit $3) kept),
            (select coalesce(sum(d.events), 0)::bigint from salesforce_sync.delivered d where d.org = $1 and d.hour > clock_timestamp() - interval '25 hours')
        from (select coalesce(max(heard_at), clock_timestamp()) as heard_at from salesforce_sync.cursor where org = $1 and channel = $2 and stage = 'received') c
        """;

    private const string Forget = """
        update salesforce_sync.cursor set replay_id = null, last_replay_id = null, idle_replay_id = null, closed_event = event, lost = true,
            cut_events = array(
                select c from unnest(cut_events || case when closed_event < event then array[event] else '{}' end) c
                where c > (select a.event from salesforce_sync.cursor a where a.org = $1 and a.channel = $2 and a.stage = 'applied') order by c),
            lost_event = event, endpoint = $3, moved_at = clock_timestamp()
        where org = $1 and channel = $2 and stage = 'received' and epoch = $4 and owner = $5
        """;

    private const string Older = """
        update salesforce_sync.coverage g set evidence = g.evidence || jsonb_build_object('older', coalesce((g.evidence ->> 'older')::bigint, 0) + $5)
        where g.id = (
            select l.id from salesforce_sync.coverage l
            where l.org = $1 and l.object is null and l.evidence ? 'policy' and l.evidence ->> 'channel' = $2 order by l.recorded_at desc limit 1)
            and exists (select from salesforce_sync.org where name = $1 and epoch = $3 and owner = $4)
        """;

    private const string CaughtUp = """
        update salesforce_sync.cursor set lost = false where org = $1 and channel = $2 and stage = 'received' and epoch = $3 and owner = $4
        """;

    /// <summary>
    /// Whether going on with the oldest event kept would cost more deliveries than the day allows (rule B5): then the newest event is where to go on, and
    /// snapshots bring the rest.
    /// </summary>
    /// <param name="allowance">Delivered events in 24 hours.</param>
    public async Task<bool> IsTooDearAsync(long allowance, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var price = new NpgsqlCommand(Price, connection) { Parameters = { Text(ownership.Org), Text(channel), Number(allowance + 1) } };
        await using var row = await price.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return row.GetInt64(0) + row.GetInt64(1) > allowance;
    }

    /// <summary>Records the gap and forgets the position; durable when it returns.</summary>
    /// <param name="skips">The stream goes on with the next event, not with the oldest one kept.</param>
    public async Task RecordAsync(string reason, ReplayId lost, string policy, bool skips, string endpoint, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using (var take = new NpgsqlCommand(LockOrg, connection) { Parameters = { Text(ownership.Org), Number(ownership.Epoch), Token() } })
        {
            if (await take.ExecuteScalarAsync(stop) is null)
                throw new OwnershipLostException(ownership, "the org's row");
        }
        await using (var open = new NpgsqlCommand(OpenGap, connection)
        {
            Parameters =
            {
                Text(ownership.Org), Text(channel), new() { Value = PlantedBug.Is(PlantedBugs.NoSlackBeforeGap) ? TimeSpan.Zero : Slack, NpgsqlDbType = NpgsqlDbType.Interval }, Text(reason),
                new() { Value = lost.ToArray(), NpgsqlDbType = NpgsqlDbType.Bytea }, Text(policy), Text(skips ? "latest" : "earliest"),
            },
        })
        {
            if (!PlantedBug.Is(PlantedBugs.LossWithoutGap))
                await open.ExecuteNonQueryAsync(stop);
        }
        await using (var forget = new NpgsqlCommand(Forget, connection) { Parameters = { Text(ownership.Org), Text(channel), Text(endpoint), Number(ownership.Epoch), Token() } })
        {
            if (await forget.ExecuteNonQueryAsync(stop) != 1)
                throw new OwnershipLostException(ownership, $"the received position of {channel}");
        }
        CrashPoint.Hit(CrashPoints.LossBeforeCommit);
        await transaction.CommitAsync(CancellationToken.None);
        CrashPoint.Hit(CrashPoints.LossAfterCommit);
    }

    /// <summary>Writes beside the gap how many events were passed over that came again after the loss and are older than what is stored.</summary>
    public async Task PassedOverAsync(int older, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var note = new NpgsqlCommand(Older, connection) { Parameters = { Text(ownership.Org), Text(channel), Number(ownership.Epoch), Token(), Number(older) } };
        await note.ExecuteNonQueryAsync(stop);
    }

    /// <summary>The stream has been read to its end since: from here on it is an ordinary one. The gap stays open until something proves it closed.</summary>
    public async Task CaughtUpAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var caughtUp = new NpgsqlCommand(CaughtUp, connection) { Parameters = { Text(ownership.Org), Text(channel), Number(ownership.Epoch), Token() } };
        await caughtUp.ExecuteNonQueryAsync(stop);
    }

    private NpgsqlParameter Token() => new() { Value = ownership.Owner, NpgsqlDbType = NpgsqlDbType.Uuid };

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Number(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };
}
