using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>The rows of the control schema that belong to comparing one org's tables with Salesforce.</summary>
internal sealed class SweepStore(NpgsqlDataSource source, Ownership ownership, string schema)
{
    private const string Owned = "exists (select from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner)";

    private const string BeginCounting = $"""
        update salesforce_sync.object set sweep_asked_at = @Now where org = @Org and sweep_asked_at is null and {Owned}
        """;

    private const string Due = """
        select object, channel from salesforce_sync.object
        where org = @Org and sweep_asked_at < @Due and state <> 'paused' order by sweep_asked_at, object
        """;

    private const string HasOpen = """
        select exists (select from salesforce_sync.read where org = @Org and object = @Object and kind = @Kind and state in ('waiting', 'reading', 'merging'))
        """;

    private const string Asked = $"update salesforce_sync.object set sweep_asked_at = @Due where org = @Org and object = @Object and {Owned}";

    private const string Target = """
        select o.object as "Object", o.channel as "Channel", o.state as "State", o.state_reason as "StateReason", o.rows_there as "Rows",
            to_regclass(@Table) is not null as "HasTable", exists (
                select from pg_catalog.pg_attribute a
                where a.attrelid = to_regclass(@Table) and a.attname = 'lastmodifieddate' and a.atttypid = 'timestamptz'::regtype and not a.attisdropped) as "HasModified"
        from salesforce_sync.object o where o.org = @Org and o.object = @Object
        """;

    private const string Plan = $"""
        insert into salesforce_sync.sweep (read, org, object, by_rest, price) select @Read, @Org, @Object, @ByRest, @Price where {Owned}
        on conflict (read) do update set by_rest = excluded.by_rest, price = excluded.price, compared_at = null, judged_at = null
        """;

    private const string ByRest = "select by_rest from salesforce_sync.sweep where read = @Read";

    private const string IsCompared = "select compared_at is not null from salesforce_sync.sweep where read = @Read";

    private const string Forget = "delete from salesforce_sync.seen where read = @Read";

    private const string NextPage = "update salesforce_sync.read set locator = @Locator where id = @Read and state = 'reading'";

    private const string Counted = $"""
        update salesforce_sync.object o set rows_here = s.rows_here, rows_there = s.rows_there
        from salesforce_sync.sweep s where s.read = @Read and o.org = s.org and o.object = s.object and {Owned}
        """;

    // A comparison is over when nothing it found is being fetched any more.
    private const string Over = $"""
        update salesforce_sync.object o set swept_at = r.closed_at
        from (select distinct on (object) object, closed_at from salesforce_sync.read
            where org = @Org and kind = 'sweep' and state = 'done' and proves order by object, closed_at desc) r
        where o.org = @Org and o.object = r.object and r.closed_at > coalesce(o.swept_at, '-infinity') and {Owned}
            and not exists (select from salesforce_sync.repair p where p.org = @Org and p.object = o.object and p.reason = 'sweep' and p.state <> 'done')
        returning o.object, o.proven_at
        """;

    private const string Pending = """
        select exists (select from (select distinct on (object) object, closed_at from salesforce_sync.read
            where org = @Org and kind = 'sweep' and state = 'done' and proves order by object, closed_at desc) r
            join salesforce_sync.object o on o.org = @Org and o.object = r.object and r.closed_at > coalesce(o.swept_at, '-infinity'))
        """;

    // A field that was never visible is missed by nobody until it is shown; one that was has a gap.
    private const string Hidden = """
        select o.object as Object, o.channel as Channel, o.state = 'frozen' as IsFrozen, o.state = 'frozen' or g.object is not null as IsMissed
        from salesforce_sync.object o
        left join (select distinct object from salesforce_sync.field
            where org = @Org and hidden_at is not null and state <> 'replaced' and removed_at is null) f on f.object = o.object
        left join (select distinct object from salesforce_sync.coverage
            where org = @Org and state = 'gap' and to_event is null and evidence ->> 'reason' = @Reason) g on g.object = o.object
        where o.org = @Org and (o.state = 'frozen' and starts_with(o.state_reason, @NotVisible) or o.state = 'copied' and f.object is not null)
            and not exists (select from salesforce_sync.read r
                where r.org = o.org and r.object = o.object and r.kind = 'snapshot' and r.state in ('waiting', 'reading', 'merging'))
        order by o.object
        """;

    /// <summary>Objects of which something is hidden, and of which no snapshot is under way.</summary>
    public async Task<IReadOnlyList<HiddenObject>> HiddenAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. await connection.QueryAsync<HiddenObject>(Command(Hidden, new { Visibility.NotVisible, Reason = FieldSight.Hidden }, stop))];
    }

    private const string Say = $"update salesforce_sync.read set message = @Message where id = @Read and {Owned}";

    /// <summary>Says why a reading does not move on.</summary>
    public Task SayAsync(long read, string message, CancellationToken stop) => RunAsync(Say, new { Read = read, Message = message }, stop);

    /// <summary>The first object whose scheduled time has come, or null. Objects seen for the first time begin to count now.</summary>
    public async Task<(string Object, string Channel)?> DueAsync(DateTimeOffset due, DateTimeOffset now, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(Command(BeginCounting, new { Now = now.UtcDateTime }, stop));
        var objects = await connection.QueryAsync<(string, string)>(Command(Due, new { Due = due.UtcDateTime }, stop));
        return objects.Select(o => ((string, string)?)o).FirstOrDefault();
    }

    public async Task<bool> HasOpenAsync(string objectName, ReadKind kind, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<bool>(Command(HasOpen, new { Object = objectName, Kind = kind.ToString().ToLowerInvariant() }, stop));
    }

    /// <summary>The run of this time is asked for: it is not asked for again.</summary>
    public Task AskedAsync(string objectName, DateTimeOffset due, CancellationToken stop) => RunAsync(Asked, new { Object = objectName, Due = due.UtcDateTime }, stop);

    public async Task<SweepTarget?> TargetAsync(string objectName, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var name = PostgresName.Of(objectName);
        var row = await connection.QuerySingleOrDefaultAsync<TargetRow>(Command(Target, new { Object = objectName, Table = Sql.Quote(schema, name) }, stop));
        return row is null
            ? null
            : new(row.Object, row.Channel, row.State, row.StateReason, row.Rows, null, row.HasTable ? name : null, row.HasModified);
    }

    public Task PlanAsync(long read, string objectName, bool byRest, int price, CancellationToken stop) =>
        RunAsync(Plan, new { Read = read, Object = objectName, ByRest = byRest, Price = price }, stop);

    /// <summary>How a reading under way is read; null: it was begun without a plan.</summary>
    public async Task<bool?> ByRestAsync(long read, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<bool?>(Command(ByRest, new { Read = read }, stop));
    }

    public async Task<bool> IsComparedAsync(long read, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<bool>(Command(IsCompared, new { Read = read }, stop));
    }

    /// <summary>Keeps what a page showed, and which page comes next, in one transaction. The first page begins anew.</summary>
    /// <param name="announced">Records the page says it has, or null.</param>
    /// <exception cref="FormatException">It has more or fewer.</exception>
    public async Task KeepAsync(long read, bool first, IAsyncEnumerable<SeenRecord> records, long? announced, string? next, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        if (first)
            await connection.ExecuteAsync(Command(Forget, new { Read = read }, stop));
        var kept = await SeenRecord.CopyAsync(connection, read, records, stop);
        if (announced is { } count && count != kept)
            throw new FormatException($"a page of {kept} records that was announced with {count}");
        if (next is not null)
            await connection.ExecuteAsync(Command(NextPage, new { Read = read, Locator = next }, stop));
        await transaction.CommitAsync(CancellationToken.None);
        CrashPoint.Hit(CrashPoints.SweepAfterPage);
    }

    public async Task<SweepCounts> CompareAsync(long read, SweepTarget target, TimeSpan slack, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await new SweepComparison(ownership.Org, schema, slack).CompareAsync(connection, read, target.Table, target.HasModified, stop);
    }

    public Task CountedAsync(long read, CancellationToken stop) => RunAsync(Counted, new { Read = read }, stop);

    /// <summary>Dates the objects whose last comparison has nothing left to repair.</summary>
    public async Task<IReadOnlyList<(string Object, DateTimeOffset? ProvenAt)>> OverAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. (await connection.QueryAsync<(string Object, DateTime? ProvenAt)>(Command(Over, null, stop)))
            .Select(o => (o.Object, o.ProvenAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : (DateTimeOffset?)null))];
    }

    /// <summary>Whether a comparison is done whose findings are still being repaired.</summary>
    public async Task<bool> IsPendingAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<bool>(Command(Pending, null, stop));
    }

    private async Task RunAsync(string sql, object values, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(Command(sql, values, stop));
    }

    private CommandDefinition Command(string sql, object? values, CancellationToken stop)
    {
        var all = new DynamicParameters(values);
        all.AddDynamicParams(new { ownership.Org, ownership.Epoch, ownership.Owner });
        return new(sql, all, commandTimeout: 600, cancellationToken: stop);
    }

    private sealed record TargetRow
    {
        public string Object { get; init; } = "";

        public string Channel { get; init; } = "";

        public string State { get; init; } = "";

        public string? StateReason { get; init; }

        public long? Rows { get; init; }

        public bool HasTable { get; init; }

        public bool HasModified { get; init; }
    }
}
