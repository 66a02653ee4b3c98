using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Repair;

/// <summary>An object of which records are to be fetched.</summary>
/// <param name="Channel">Null where the object is not known yet.</param>
internal sealed record DueObject(string Object, string? Channel, long Records);

/// <summary>A record to be fetched.</summary>
/// <param name="Tries">How often it was tried before.</param>
internal sealed record DueRecord(string RecordId, int Tries);

/// <summary>The open rows of <c>salesforce_sync.repair</c> that name a record: which are due, and when what could not be fetched is tried again.</summary>
internal sealed class RepairQueue(NpgsqlDataSource source, Ownership ownership)
{
    // What waits only for company goes with a fetch that is made anyway. What was never seen, or lives again, is told by a snapshot that is under way (rule E6).
    private const string Waiting = """
        r.org = @Org and r.state = 'open' and r.record_id is not null and (r.next_at is null or r.next_at <= @Now or (r.reason = 'reparented' and @Beside))
            and not (r.reason in ('unseen', 'revived') and exists (
                select from salesforce_sync.read s where s.org = @Org and s.object = r.object and s.kind = 'snapshot' and s.state in ('waiting', 'reading', 'merging')))
        """;

    // Who asks in person does not wait until there is more to fetch.
    private const string NextObjects = $"""
        with due as (
            select r.object, r.record_id, bool_or(r.tries > 0 or r.reason = 'requested') as urgent, min(r.opened_at) as opened_at from salesforce_sync.repair r
            where {Waiting} and r.object <> all(@Except) and r.record_id <> all(@UnderWay)
            group by r.object, r.record_id)
        select d.object as Object, o.channel as Channel, count(*) as Records
        from due d left join salesforce_sync.object o on o.org = @Org and lower(o.object) = lower(d.object)
        where coalesce(o.state, 'copied') = 'copied'
        group by d.object, o.channel
        having count(*) >= @Full or bool_or(d.urgent) or min(d.opened_at) <= @Now - @Delay or min(d.opened_at) <= clock_timestamp() - @Delay
        order by min(d.opened_at)
        """;

    private const string Records = $"""
        select r.record_id as RecordId, max(r.tries) as Tries from salesforce_sync.repair r
        where {Waiting} and r.object = @Object and r.record_id <> all(@UnderWay)
        group by r.record_id order by min(r.id) limit @Most
        """;

    private const string PutOff = """
        update salesforce_sync.repair r set next_at = @At, tries = tries + @Tried, message = @Message
        where r.org = @Org and r.object = @Object and r.state = 'open' and r.record_id = any(@Records)
            and exists (select from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner)
        """;

    private const string PutOffObject = """
        update salesforce_sync.repair r set next_at = @At, tries = tries + 1, message = @Message
        where r.org = @Org and r.object = @Object and r.state = 'open' and r.record_id is not null
            and exists (select from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner)
        """;

    private const string Spent = """
        select coalesce((select b.calls from salesforce_sync.api_budget b
            where b.org = @Org and b.month = date_trunc('month', clock_timestamp() at time zone 'UTC')::date), 0)
        """;

    private const string Overtaken = $"""
        select read.state <> 'merging' or read.stale is not null or {Reads.Lost} is not null from salesforce_sync.read where read.org = @Org and read.id = @Id
        """;

    /// <summary>The objects of which records are due, those that wait longest first.</summary>
    /// <param name="except">Objects that are not to be asked for just now.</param>
    /// <param name="underWay">Records that are fetched and not merged yet.</param>
    public async Task<IReadOnlyList<DueObject>> NextAsync(
        DateTimeOffset now, TimeSpan delay, IReadOnlyCollection<string> except, IReadOnlyCollection<string> underWay, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. await connection.QueryAsync<DueObject>(new CommandDefinition(
            NextObjects,
            new { ownership.Org, Now = now.UtcDateTime, Delay = delay, Except = except.ToArray(), UnderWay = underWay.ToArray(), Full = RepairDelay.FullCall, Beside = false },
            cancellationToken: stop))];
    }

    public async Task<IReadOnlyList<DueRecord>> RecordsAsync(
        string objectName, DateTimeOffset now, IReadOnlyCollection<string> underWay, int most, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. await connection.QueryAsync<DueRecord>(new CommandDefinition(
            Records, new { ownership.Org, Object = objectName, Now = now.UtcDateTime, UnderWay = underWay.ToArray(), Most = most, Beside = true }, cancellationToken: stop))];
    }

    /// <summary>These records are tried again at a time, and not before.</summary>
    /// <param name="isTry">It was tried, so that the next pause is longer.</param>
    public Task PutOffAsync(string objectName, IEnumerable<string> records, DateTimeOffset at, bool isTry, string message, CancellationToken stop) => ExecuteAsync(
        PutOff,
        new
        {
            ownership.Org,
            ownership.Epoch,
            ownership.Owner,
            Object = objectName,
            Records = records.ToArray(),
            At = at.UtcDateTime,
            Tried = isTry ? 1 : 0,
            Message = message,
        },
        stop);

    /// <summary>All records of an object.</summary>
    public Task PutOffAsync(string objectName, DateTimeOffset at, string message, CancellationToken stop) => ExecuteAsync(
        PutOffObject, new { ownership.Org, ownership.Epoch, ownership.Owner, Object = objectName, At = at.UtcDateTime, Message = message }, stop);

    /// <summary>What a reading brought must not be merged any more.</summary>
    public async Task<bool> IsOvertakenAsync(long read, CancellationToken stop)
    {
        if (PlantedBug.Is(PlantedBugs.ReadingSurvivesLoss))
            return false;
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<bool?>(new CommandDefinition(Overtaken, new { ownership.Org, Id = read }, cancellationToken: stop)) ?? true;
    }

    /// <summary>Calls booked this month, of all classes.</summary>
    public async Task<long> CallsSpentAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(Spent, ownership, cancellationToken: stop));
    }

    private async Task ExecuteAsync(string sql, object values, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: stop));
    }
}
