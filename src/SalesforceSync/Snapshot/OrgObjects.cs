using Dapper;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Snapshot;

/// <summary>An object whose changes come over one of the org's channels.</summary>
/// <param name="State"><c>copied</c>, <c>paused</c> or <c>frozen</c>.</param>
/// <param name="RowsThere">Live records Salesforce had when it was last asked; null: never.</param>
/// <param name="SnapshotAt">When the last whole snapshot began; null: there was none.</param>
internal sealed record OrgObject(string Object, string Channel, string State, long? RowsThere, DateTimeOffset? SnapshotAt)
{
    public bool IsCopied => State == "copied";
}

/// <summary>The rows of <c>salesforce_sync.object</c> of one org. Writes are guarded by the ownership and do nothing for anybody else.</summary>
internal sealed class OrgObjects(NpgsqlDataSource source, Ownership ownership)
{
    /// <summary>All objects of @Org, for <see cref="ReadAsync"/>.</summary>
    public const string List = """
        select object, channel, state, rows_there as RowsThere, snapshot_at as SnapshotAt from salesforce_sync.object where org = @Org order by object
        """;

    private const string Add = """
        insert into salesforce_sync.object (org, object, channel, key_prefix)
        select o.name, @Object, @Channel, @Prefix from salesforce_sync.org o where o.name = @Org and o.epoch = @Epoch and o.owner = @Owner
        on conflict (org, object) do update set channel = excluded.channel, key_prefix = coalesce(excluded.key_prefix, object.key_prefix)
        where (object.channel, object.key_prefix) is distinct from (excluded.channel, coalesce(excluded.key_prefix, object.key_prefix))
        """;

    // From one object to the next: fields are many, and this is asked every second.
    private const string Met = """
        with recursive named (object) as (
            (select f.object from salesforce_sync.field f where f.org = @Org order by f.object limit 1)
            union all
            select (select f.object from salesforce_sync.field f where f.org = @Org and f.object > n.object order by f.object limit 1) from named n where n.object is not null)
        select n.object from named n
        where not exists (select from salesforce_sync.object o where o.org = @Org and lower(o.object) = lower(n.object)) and n.object is not null
        order by 1
        """;

    // What is paused stays so: when it is resumed it is read whole, and what is not visible then is found.
    private const string Mark = """
        update salesforce_sync.object b set state = @State, state_reason = @Reason from salesforce_sync.org o
        where o.name = @Org and o.epoch = @Epoch and o.owner = @Owner and b.org = o.name and b.object = @Object
            and b.state <> 'paused' and (b.state, b.state_reason) is distinct from (@State, @Reason)
        """;

    private const string RowsThere = "select rows_there from salesforce_sync.object where org = @Org and object = @Object";

    private const string Shown = """
        update salesforce_sync.object b set rows_there = @Rows, state = case b.state when 'frozen' then 'copied' else b.state end,
            state_reason = case b.state when 'frozen' then null else b.state_reason end
        from salesforce_sync.org o
        where o.name = @Org and o.epoch = @Epoch and o.owner = @Owner and b.org = o.name and b.object = @Object
        """;

    private const string Calculated = """
        update salesforce_sync.object b set formulas_at = @At from salesforce_sync.org o
        where o.name = @Org and o.epoch = @Epoch and o.owner = @Owner and b.org = o.name and b.object = @Object
        """;

    private const string OpenGap = """
        insert into salesforce_sync.coverage (org, object, state, from_event, from_at, evidence)
        select o.name, b.object, 'gap', coalesce(c.event, 0), coalesce(b.proven_at, b.snapshot_at), jsonb_build_object('reason', 'frozen', 'channel', b.channel)
        from salesforce_sync.org o join salesforce_sync.object b on b.org = o.name and b.object = @Object
        left join salesforce_sync.cursor c on c.org = o.name and c.channel = b.channel and c.stage = 'applied'
        where o.name = @Org and o.epoch = @Epoch and o.owner = @Owner and not exists (
            select from salesforce_sync.coverage g where g.org = o.name and g.object = b.object and g.state = 'gap' and g.to_event is null and g.evidence ->> 'reason' = 'frozen')
        """;

    private const string Prefix = """
        update salesforce_sync.object b set key_prefix = @Prefix from salesforce_sync.org o
        where o.name = @Org and o.epoch = @Epoch and o.owner = @Owner and b.org = o.name and b.object = @Object and b.key_prefix is distinct from @Prefix
        """;

    public async Task<IReadOnlyList<OrgObject>> ListAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return Known(await connection.QueryAsync<Row>(new CommandDefinition(List, ownership, cancellationToken: stop)));
    }

    /// <summary>What <see cref="List"/> brings, among other statements.</summary>
    public static async Task<IReadOnlyList<OrgObject>> ReadAsync(SqlMapper.GridReader listed) => Known(await listed.ReadAsync<Row>());

    public Task AddAsync(string objectName, string channel, string? keyPrefix, CancellationToken stop) =>
        ExecuteAsync(Add, new { ownership.Org, ownership.Epoch, ownership.Owner, Object = objectName, Channel = channel, Prefix = keyPrefix }, stop);

    /// <summary>Objects the stream brought that nobody has listed yet.</summary>
    public async Task<IReadOnlyList<string>> MetAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(Met, ownership, cancellationToken: stop))];
    }

    /// <summary>
    /// Salesforce shows us less than it did: nothing is deleted for it until a person has looked, and what happened since the last proof is in doubt (rule B7).
    /// </summary>
    public Task FreezeAsync(string objectName, string reason, CancellationToken stop) => ExecuteAsync(
        PlantedBug.Is(PlantedBugs.FrozenWithoutGap) ? Mark : $"{OpenGap};\n{Mark}", new { ownership.Org, ownership.Epoch, ownership.Owner, Object = objectName, State = "frozen", Reason = reason }, stop);

    /// <summary>A reading has shown everything: so many records, and what was frozen no more.</summary>
    public Task ShownAsync(string objectName, long rows, CancellationToken stop) =>
        ExecuteAsync(Shown, new { ownership.Org, ownership.Epoch, ownership.Owner, Object = objectName, Rows = rows }, stop);

    /// <summary>Calculated fields are as they were at this time of Salesforce's.</summary>
    public Task CalculatedAsync(string objectName, DateTimeOffset at, CancellationToken stop) =>
        ExecuteAsync(Calculated, new { ownership.Org, ownership.Epoch, ownership.Owner, Object = objectName, At = at.UtcDateTime }, stop);

    /// <summary>How many records Salesforce had when it was last asked, or null.</summary>
    public async Task<long?> RowsThereAsync(string objectName, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<long?>(new CommandDefinition(RowsThere, new { ownership.Org, Object = objectName }, cancellationToken: stop));
    }

    public Task NotePrefixAsync(string objectName, string? keyPrefix, CancellationToken stop) => keyPrefix is null
        ? Task.CompletedTask
        : ExecuteAsync(Prefix, new { ownership.Org, ownership.Epoch, ownership.Owner, Object = objectName, Prefix = keyPrefix }, stop);

    private static IReadOnlyList<OrgObject> Known(IEnumerable<Row> rows) =>
        [.. rows.Select(row => new OrgObject(row.Object, row.Channel, row.State, row.RowsThere, row.SnapshotAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null))];

    private async Task ExecuteAsync(string sql, object values, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: stop));
    }

    private sealed record Row
    {
        public string Object { get; init; } = "";

        public string Channel { get; init; } = "";

        public string State { get; init; } = "";

        public long? RowsThere { get; init; }

        public DateTime? SnapshotAt { get; init; }
    }
}
