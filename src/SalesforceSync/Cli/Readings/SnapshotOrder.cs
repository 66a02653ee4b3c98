using Dapper;
using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Cli.Readings;

/// <summary>What an operator wants to be read.</summary>
/// <param name="Since">Only records changed since.</param>
/// <param name="Condition">Only records that fulfil this SOQL condition.</param>
/// <param name="AcceptAbsences">However many records are not shown any more: that is right, they are gone.</param>
internal sealed record SnapshotOrder(IReadOnlyList<string> Objects, DateTimeOffset? Since, string? Condition, bool AcceptAbsences)
{
    /// <summary>A reading of everything shows absences too.</summary>
    public bool Proves => Since is null && Condition is null;

    public string Reason => AcceptAbsences ? Snapshot.AbsenceCheck.Accepted : "asked";
}

/// <summary>An object as far as it is known without a call.</summary>
/// <param name="Rows">Records there, as last told by Salesforce, else as many as are here; null where nobody knows.</param>
/// <param name="KeyPrefix">The first three characters of its records' ids; null where nobody knows.</param>
internal sealed record KnownObject(string Object, string Channel, string State, long? Rows, string? KeyPrefix);

/// <summary>How one ordered reading stands.</summary>
internal sealed record ReadingStatus(long Id, string Object, string State, long Merged, long? Expected, int Calls, string? Message)
{
    public bool IsOver => State is "done" or "failed";
}

/// <summary>Puts readings into the database, where the worker that has the org finds them, and tells how they go.</summary>
internal sealed class OrderedReadings(NpgsqlDataSource source, string org)
{
    private const string Objects = """
        select o.object as Object, o.channel as Channel, o.state as State,
            coalesce(o.rows_there, (select case when c.reltuples >= 0 then c.reltuples::bigint end from pg_catalog.pg_class c
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = @Schema and c.relname = lower(o.object) and c.relkind in ('r', 'p'))) as Rows,
            o.key_prefix as KeyPrefix
        from salesforce_sync.object o where o.org = @Org order by o.object
        """;

    private const string Ask = """
        insert into salesforce_sync.read (org, object, channel, kind, reason, proves, since, condition)
        values (@Org, @Object, @Channel, 'snapshot', @Reason, @Proves, @Since, @Condition)
        on conflict (org, object) where kind = 'snapshot' and state in ('waiting', 'reading', 'merging') do nothing
        returning id
        """;

    private const string Open = """
        select id from salesforce_sync.read where org = @Org and object = @Object and kind = 'snapshot' and state in ('waiting', 'reading', 'merging')
        """;

    private const string Status = """
        select id as Id, object as Object, state as State, rows_merged as Merged, rows_expected as Expected, calls as Calls, message as Message
        from salesforce_sync.read where id = any(@Ids) order by object
        """;

    private const string Discover = "update salesforce_sync.org set discover_at = clock_timestamp() where name = @Org";

    private const string IsDiscovered = "select discover_at is null from salesforce_sync.org where name = @Org";

    private const string Idle = """
        select case when exists (select from salesforce_sync.org where name = @Org and paused_at is not null) then @Org || ' is paused: it is done after resume --org ' || @Org
            when not exists (select from salesforce_sync.lease where org = @Org and owner is not null and until > clock_timestamp())
                then 'no worker has ' || @Org || ' just now: it is done when one runs' end
        """;

    public async Task<IReadOnlyList<KnownObject>> KnownAsync(string schema, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. await connection.QueryAsync<KnownObject>(new CommandDefinition(Objects, new { Org = org, Schema = schema }, cancellationToken: stop))];
    }

    /// <summary>Asks for a reading of each object; one that is open already is not asked for again, and followed like the others.</summary>
    /// <returns>The readings' ids, and the objects whose reading was open before.</returns>
    public async Task<(IReadOnlyList<long> Ids, IReadOnlyList<string> Open)> AskAsync(SnapshotOrder order, IReadOnlyList<KnownObject> known, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await OrgRow.LockAsync(connection, org, stop);
        var (ids, open) = (new List<long>(), new List<string>());
        foreach (var one in known)
        {
            var values = new { Org = org, one.Object, one.Channel, order.Reason, order.Proves, Since = order.Since?.UtcDateTime, order.Condition };
            var id = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(Ask, values, transaction, cancellationToken: stop));
            if (id is null)
                open.Add(one.Object);
            else
                await Audit.WriteAsync(connection, org, "snapshot", one.Object, Told(order, id.Value), stop);
            ids.Add(id ?? await connection.ExecuteScalarAsync<long>(new CommandDefinition(Open, values, transaction, cancellationToken: stop)));
        }
        await transaction.CommitAsync(CancellationToken.None);
        return (ids, open);
    }

    // A condition may hold values of fields: that there was one is all that is told of it.
    private static object Told(SnapshotOrder order, long reading) =>
        new { reading, order.Since, hasCondition = order.Condition is not null, order.AcceptAbsences };

    public async Task<IReadOnlyList<ReadingStatus>> StatusAsync(IReadOnlyList<long> ids, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. await connection.QueryAsync<ReadingStatus>(new CommandDefinition(Status, new { Ids = ids.ToArray() }, cancellationToken: stop))];
    }

    /// <summary>Has the worker ask the org which objects there are.</summary>
    public async Task DiscoverAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await OrgRow.LockAsync(connection, org, stop);
        await connection.ExecuteAsync(new CommandDefinition(Discover, new { Org = org }, transaction, cancellationToken: stop));
        await Audit.WriteAsync(connection, org, "snapshot", null, new { discover = true }, stop);
        await transaction.CommitAsync(CancellationToken.None);
    }

    /// <summary>Whether it has.</summary>
    public async Task<bool> IsDiscoveredAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(IsDiscovered, new { Org = org }, cancellationToken: stop));
    }

    /// <summary>Why nobody sees to it just now; null when a worker does.</summary>
    public async Task<string?> IdleAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<string?>(new CommandDefinition(Idle, new { Org = org }, cancellationToken: stop));
    }
}
