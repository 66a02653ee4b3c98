using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// The readings of one org: asked for, begun with an anchor, ended, merged and closed, each step one durable transaction that holds the org's row, so that
/// apply and readings agree on what was touched while one was open. Every member fails with <see cref="OwnershipLostException"/> when another owns the org.
/// </summary>
internal sealed class Reads(NpgsqlDataSource source, Ownership ownership)
{
    private const string Existing = """
        select id from salesforce_sync.read where org = $1 and object = $2 and kind = 'snapshot' and state in ('waiting', 'reading', 'merging')
        """;

    private const string Insert = """
        insert into salesforce_sync.read (org, object, channel, kind, reason, proves, since, condition) values ($1, $2, $3, $4, $5, $6, $7, $8) returning id
        """;

    // A position that was lost after a reading began may hide changes that its rows do not show yet (rule B5). Null where none was; of a row of read.
    internal const string Lost = """
        (select 'the position in the stream was lost after it began' from salesforce_sync.coverage g
            where g.org = read.org and g.state in ('gap', 'repaired') and g.evidence ? 'policy' and coalesce(g.evidence ->> 'channel', read.channel) = read.channel
                and g.recorded_at > read.started_at limit 1)
        """;

    // One that reads a field which has become another brings the wrong one's values (rule D7).
    private const string Open = $"""
        select {ReadRow.Columns}, case when read.state <> 'waiting' then coalesce(read.stale, {Lost}) end
        from salesforce_sync.org left join salesforce_sync.read on read.org = org.name and read.state in ('waiting', 'reading', 'merging')
        where org.name = $1 and org.epoch = $2 and org.owner = $3 order by read.id
        """;

    // Only a position that can be resumed from is an anchor: before the second id, or an empty response, a restart would begin at the newest event (rule E1).
    private const string Begin = $"""
        update salesforce_sync.read set state = 'reading', anchor = c.event, began_at = $3, started_at = clock_timestamp(), first_number = $4, fields = $5,
            turn = (select readings + 1 from salesforce_sync.org where name = $1), tries = tries + 1, stale = null
        from salesforce_sync.cursor c
        where read.org = $1 and id = $2 and read.state = 'waiting' and ($6::text[] is null or read.fields <@ $6)
            and c.org = $1 and c.channel = read.channel and c.stage = 'received'
            and c.heard_at is not null and coalesce(c.replay_id, c.idle_replay_id) is not null and not c.lost
        returning {ReadRow.Columns}
        """;

    private const string NoteReading = """
        update salesforce_sync.org set readings = readings + 1,
            reading = (select array_agg(distinct r.object) from salesforce_sync.read r where r.org = $1 and r.state in ('reading', 'merging'))
        where name = $1
        """;

    private const string Job = "update salesforce_sync.read set job_id = $3 where org = $1 and id = $2";

    private const string End = """
        update salesforce_sync.read set state = 'merging', ended_at = clock_timestamp(), end_event = null, rows_expected = $3
        where org = $1 and id = $2 and state in ('reading', 'merging')
        """;

    private const string LateAnchor = """
        anchor = (select c.event from salesforce_sync.cursor c where c.org = $1 and c.channel = read.channel and c.stage = 'received'), ended_at =
        """;

    // A stream that is behind brings what is older than the reading for a while yet: it has caught up when it says that nothing is left, or brings what is younger.
    private const string IsDue = """
        with owned as (select from salesforce_sync.org where name = $1 and epoch = $3 and owner = $4),
        fixed as (
            update salesforce_sync.read r set end_event = c.event from salesforce_sync.cursor c, owned
            where r.org = $1 and r.id = $2 and r.state = 'merging' and r.end_event is null
                and c.org = $1 and c.channel = r.channel and c.stage = 'received' and c.heard_at > r.ended_at
                and (c.closed_event = c.event or c.commit_at >= r.began_at + (r.ended_at - r.started_at) or c.heard_at > r.ended_at + interval '5 minutes')
            returning r.end_event)
        select exists (select from owned), exists (
            select from salesforce_sync.read r join salesforce_sync.cursor c on c.org = $1 and c.channel = r.channel and c.stage = 'applied'
            where r.org = $1 and r.id = $2 and r.state = 'merging' and c.event >= coalesce(r.end_event, (select end_event from fixed)))
        """;

    private const string Fail = """
        update salesforce_sync.read set state = 'failed', closed_at = clock_timestamp(), message = $3
        where org = $1 and id = $2 and ($4::text[] is null or fields <@ $4)
        """;

    private const string Restart = """
        update salesforce_sync.read set state = 'waiting', message = $3, anchor = null, began_at = null, started_at = null, first_number = null, turn = null,
            ended_at = null, end_event = null, job_id = null, locator = null, page_rows = 0, rows_expected = null, rows_merged = 0, notes_seen = null, stale = null
        where org = $1 and id = $2 and state in ('waiting', 'reading', 'merging')
        """;

    private const string CloseCovered = """
        update salesforce_sync.read r set state = 'done', closed_at = clock_timestamp(), message = 'a snapshot has read the columns too'
        where r.org = $1 and r.id = $2 and r.state = 'waiting' and exists (
            select from salesforce_sync.read s where s.org = $1 and s.object = r.object and s.kind = 'snapshot' and s.state = 'done'
            and s.since is null and s.condition is null and s.started_at > r.opened_at and s.fields @> r.fields)
        """;

    private const string RestartStale = $"{Restart} and stale is not null";

    // A comparison brings no rows of its own: what it asks for is fetched after the loss.
    private const string RestartOvertaken = $"{Restart} and (stale is not null or (kind <> 'sweep' and {Lost} is not null))";

    /// <summary>Asks for a reading; the id of the one that is open when it is a snapshot and the object has one already.</summary>
    public async Task<long> RequestAsync(ReadRequest request, CancellationToken stop)
    {
        await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop);
        if (request.Kind == ReadKind.Snapshot)
        {
            await using var existing = org.Command(Existing, Org(), Text(request.Object));
            if (await existing.ExecuteScalarAsync(stop) is long open)
                return open;
        }
        await using var insert = org.Command(
            Insert, Org(), Text(request.Object), Text(request.Channel), Text(request.Kind.ToString().ToLowerInvariant()), Text(request.Reason),
            OrgTransaction.Value(request.Proves, NpgsqlDbType.Boolean), Time(request.Since), Text(request.Condition));
        var id = (long)(await insert.ExecuteScalarAsync(stop))!;
        await org.CommitAsync();
        return id;
    }

    /// <summary>The readings that are not closed, in the order they were asked for.</summary>
    public async Task<IReadOnlyList<Read>> OpenAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var open = new List<Read>();
        await using var command = new NpgsqlCommand(Open, connection) { Parameters = { Org(), Epoch(), Owner() } };
        await using var row = await command.ExecuteReaderAsync(stop);
        if (!row.HasRows)
            throw new OwnershipLostException(ownership, "the org's row");
        // An org that reads nothing is one row of nothing.
        while (await row.ReadAsync(stop) && !row.IsDBNull(0))
            open.Add(ReadRow.Of(row) with { Overtaken = row.IsDBNull(ReadRow.Count) || PlantedBug.Is(PlantedBugs.ReadingSurvivesLoss) ? null : row.GetString(ReadRow.Count) });
        return open;
    }

    /// <summary>
    /// Takes the anchor and begins to note what is touched. Null while the stream of the channel has no position to resume from yet (rule E1): ask again
    /// later. To be called before the first request of the reading leaves.
    /// </summary>
    /// <param name="salesforceTime">Salesforce's clock now.</param>
    /// <param name="asked">The columns it was to fill when that was decided; null where all are read. More may have been asked for since: null again.</param>
    public async Task<Read?> BeginAsync(
        long id, IReadOnlyList<string> fields, DateTimeOffset salesforceTime, CancellationToken stop, IReadOnlyList<string>? asked = null)
    {
        // The org is locked first and by a statement of its own: what apply has committed until then is within the received position that is read next.
        await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop);
        Read? begun = null;
        await using (var begin = org.Command(
            Begin, Org(), Number(id), Time(salesforceTime), Number(org.Org.Last), OrgTransaction.Value(fields.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text),
            OrgTransaction.Value(asked?.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text)))
        await using (var row = await begin.ExecuteReaderAsync(stop))
        {
            if (await row.ReadAsync(stop))
                begun = ReadRow.Of(row);
        }
        if (begun is null)
            return null;
        await org.RunAsync(NoteReading, [Org()], stop);
        await org.CommitAsync();
        return begun;
    }

    /// <summary>Remembers the Bulk job, so that it is found again after a restart.</summary>
    public Task JobAsync(long id, string? jobId, CancellationToken stop) => ChangeAsync(Job, id, [Text(jobId)], stop);

    /// <summary>
    /// The last row was read at Salesforce: what is received up to the next response, and applied, comes before the merge (rule A2). Said again when more was
    /// read after a part of it was merged.
    /// </summary>
    public Task EndAsync(long id, long? rowsExpected, CancellationToken stop) =>
        ChangeAsync(PlantedBug.Is(PlantedBugs.AnchorAtEnd) ? End.Replace("ended_at =", LateAnchor, StringComparison.Ordinal) : End, id, [OrgTransaction.Value(rowsExpected, NpgsqlDbType.Bigint)], stop);

    /// <summary>Whether the stream has spoken since the reading ended and everything received until then is applied.</summary>
    public async Task<bool> IsDueAsync(long id, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var due = new NpgsqlCommand(IsDue, connection) { Parameters = { Org(), Number(id), Epoch(), Owner() } };
        await using var row = await due.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return row.GetBoolean(0) ? row.GetBoolean(1) || PlantedBug.Is(PlantedBugs.MergedTooEarly) : throw new OwnershipLostException(ownership, "the org's row");
    }

    /// <summary>
    /// All rows are merged: repairs it answers (rule E4) and gaps it proves closed are closed with it, in one transaction; touches are dropped with the
    /// object's last open reading. False when it proves nothing, because a field it reads became another or the position was lost meanwhile: it begins anew.
    /// </summary>
    public async Task<bool> CloseAsync(long id, CancellationToken stop)
    {
        await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop);
        var closing = new ReadClosing(org, ownership.Org);
        var isStale = await org.RunAsync(
            PlantedBug.Is(PlantedBugs.ReadingSurvivesLoss) ? RestartStale : RestartOvertaken,
            [Org(), Number(id), Text("a field it reads has become another, or the position in the stream was lost after it began")], stop) == 1;
        if (isStale) await closing.ForgetAsync(stop);
        else await closing.CloseAsync(id, stop);
        await org.CommitAsync();
        CrashPoint.Hit(CrashPoints.SnapshotAfterClose);
        await SeenIds.ForgetAsync(source, id, stop);
        return !isStale;
    }

    /// <summary>Clears away what a former owner has left of readings that are closed.</summary>
    public Task TidyAsync(CancellationToken stop) => SeenIds.ForgetClosedAsync(source, ownership.Org, stop);

    /// <summary>Closes a reading that waits to fill columns if a snapshot has begun since and brought them all.</summary>
    public async Task<bool> CloseIfCoveredAsync(long id, CancellationToken stop)
    {
        await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop);
        var isCovered = await org.RunAsync(CloseCovered, [Org(), Number(id)], stop) == 1;
        await org.CommitAsync();
        return isCovered;
    }

    /// <summary>It came to nothing; repairs and gaps stay open.</summary>
    /// <param name="asked">The columns it was to fill when that was decided; null where that plays no part. More may have been asked for since: it stays open for them.</param>
    public Task FailAsync(long id, string message, CancellationToken stop, IReadOnlyList<string>? asked = null) =>
        EndWithoutAsync(Fail, id, message, stop, OrgTransaction.Value(asked?.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text));

    /// <summary>Begins anew with a new anchor: an expired job, a lost position, a changed schema. What was merged stays; it is evidence too.</summary>
    public Task RestartAsync(long id, string message, CancellationToken stop) => EndWithoutAsync(Restart, id, message, stop);

    private async Task EndWithoutAsync(string sql, long id, string message, CancellationToken stop, params NpgsqlParameter[] others)
    {
        await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop);
        await org.RunAsync(sql, [Org(), Number(id), Text(message), .. others], stop);
        await new ReadClosing(org, ownership.Org).ForgetAsync(stop);
        await org.CommitAsync();
        await SeenIds.ForgetAsync(source, id, stop);
    }

    private async Task ChangeAsync(string sql, long id, NpgsqlParameter[] others, CancellationToken stop)
    {
        await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop);
        if (await org.RunAsync(sql, [Org(), Number(id), .. others], stop) != 1)
            throw new InvalidOperationException($"{ownership.Org}: reading {id} is not in the state for this; was it restarted or closed meanwhile?");
        await org.CommitAsync();
    }

    private NpgsqlParameter Org() => Text(ownership.Org);

    private NpgsqlParameter Epoch() => Number(ownership.Epoch);

    private NpgsqlParameter Owner() => OrgTransaction.Value(ownership.Owner, NpgsqlDbType.Uuid);

    private static NpgsqlParameter Text(string? value) => OrgTransaction.Value(value, NpgsqlDbType.Text);

    private static NpgsqlParameter Number(long value) => OrgTransaction.Value(value, NpgsqlDbType.Bigint);

    private static NpgsqlParameter Time(DateTimeOffset? value) => OrgTransaction.Value(value?.UtcDateTime, NpgsqlDbType.TimestampTz);
}
