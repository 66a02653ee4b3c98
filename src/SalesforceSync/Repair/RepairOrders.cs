using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;

namespace SalesforceSync.Repair;

/// <summary>What is open of one object, for one reason.</summary>
/// <param name="Records">Records to be fetched; null: the object as a whole.</param>
/// <param name="State"><c>open</c>, or <c>failed</c>: given up until a person acts.</param>
internal sealed record OpenRepair(
    string Org, string Object, string Reason, string State, long? Records, DateTime Since, int Tries, DateTime? NextAt, string? Message);

/// <summary>How one repair that was asked for stands.</summary>
/// <param name="RecordId">Null: the whole object.</param>
internal sealed record RequestedRepair(long Id, string? RecordId, string State, int Tries, DateTime? NextAt, string? Message)
{
    public bool IsOver => State != "open";
}

/// <summary>Puts repairs into the database, where the worker that has the org finds them, and tells how they go.</summary>
/// <param name="actor">Who asks, for the audit; null: whoever runs this program.</param>
internal sealed class RepairOrders(NpgsqlDataSource source, string? actor = null)
{
    private const string Open = """
        select org as Org, object as Object, reason as Reason, state as State, case when count(record_id) > 0 then count(record_id) end as Records,
            min(opened_at) as Since, max(tries) as Tries, case when bool_and(next_at is not null) then min(next_at) end as NextAt, max(message) as Message
        from salesforce_sync.repair where state in ('open', 'failed') and (@Org::text is null or org = @Org)
        group by org, object, reason, state, record_id is null order by org, object, reason, state
        """;

    // One that is open already begins anew: what is read from now on answers it.
    private const string Ask = """
        insert into salesforce_sync.repair (org, object, record_id, reason) select @Org, @Object, r, @Reason from unnest(@Records) r
        on conflict (org, object, record_id, reason) where state = 'open' do update set opened_at = clock_timestamp(), asked_at = clock_timestamp(), next_at = null, message = null
        returning id
        """;

    private const string Hurry = """
        update salesforce_sync.repair set next_at = null, message = null where org = @Org and lower(object) = lower(@Object) and state = 'open'
        """;

    private const string Stand = """
        select id as Id, record_id as RecordId, state as State, tries as Tries, next_at as NextAt, message as Message
        from salesforce_sync.repair where id = any(@Ids) order by record_id, id
        """;

    public async Task<IReadOnlyList<OpenRepair>> OpenAsync(string? org, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. await connection.QueryAsync<OpenRepair>(new CommandDefinition(Open, new { Org = org }, cancellationToken: stop))];
    }

    /// <summary>Asks for the records, or for the whole object where none are named; returns the repairs.</summary>
    public async Task<IReadOnlyList<long>> AskAsync(string org, string objectName, IReadOnlyList<string> records, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await OrgRow.LockAsync(connection, org, stop);
        var values = new { Org = org, Object = objectName, Reason = RepairReason.Requested, Records = records.Count == 0 ? [null] : records.ToArray<string?>() };
        var ids = (await connection.QueryAsync<long>(new CommandDefinition(Ask, values, transaction, cancellationToken: stop))).ToList();
        await Audit.WriteAsync(connection, org, "repair", objectName, new { records, repairs = ids }, stop, actor);
        await transaction.CommitAsync(CancellationToken.None);
        return ids;
    }

    /// <summary>What is open of an object is tried now, whatever it waits for; returns how many repairs that are.</summary>
    public async Task<int> HurryAsync(string org, string objectName, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await OrgRow.LockAsync(connection, org, stop);
        var hurried = await connection.ExecuteAsync(new CommandDefinition(Hurry, new { Org = org, Object = objectName }, transaction, cancellationToken: stop));
        if (hurried > 0)
            await Audit.WriteAsync(connection, org, "repair", objectName, new { hurried }, stop, actor);
        await transaction.CommitAsync(CancellationToken.None);
        return hurried;
    }

    public async Task<IReadOnlyList<RequestedRepair>> StandAsync(IReadOnlyList<long> ids, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. await connection.QueryAsync<RequestedRepair>(new CommandDefinition(Stand, new { Ids = ids.ToArray() }, cancellationToken: stop))];
    }
}
