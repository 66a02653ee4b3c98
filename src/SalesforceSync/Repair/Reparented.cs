using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Repair;

/// <summary>
/// Rule E10: a merge of records may move the children of those that go without an event. Some time after a delete, rows that still point at the deleted record
/// are queued to be fetched. No call, and one scan of a table for all deletes of a minute, or for those before a pause between deletes. Where
/// deletes go on and on, fetches wait for each other once the month has cost a good part of its calls.
/// </summary>
internal sealed class Reparented(NpgsqlDataSource source, Ownership ownership, string schema, TimeProvider time, ILogger logger, TimeSpan? every = null)
{
    private const int MostDeletions = 5_000;
    private const int MostChildren = 20_000;
    private const int MostParents = 50_000;

    /// <summary>Fetches a day that an object's children may ask for at once; what comes later waits, or goes with a fetch that is made anyway.</summary>
    private const int SoonPerDay = 6;

    /// <summary>Calls of a month up to which nothing waits.</summary>
    private const long CheapCalls = 1_000;

    private static readonly TimeSpan Later = TimeSpan.FromHours(6);

    /// <summary>Rows beyond which a table is too large to be read through every minute.</summary>
    private const long LargeTable = 2_000_000;

    private static readonly TimeSpan UsualEvery = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LargeEvery = TimeSpan.FromHours(1);

    /// <summary>Looks in a minute, and the part of it that a pause between deletes lasts.</summary>
    private const int Looks = 6;

    // What moves with its events in the same transaction, or soon after, has moved by then. Deletes that go on are looked at once a minute.
    private const string Deleted = """
        select record_id as RecordId, event as Event, at as At from salesforce_sync.deletion
        where org = @Org and at <= greatest(@Now, clock_timestamp()) - @Pause
            and (exists (select from salesforce_sync.deletion where org = @Org and at <= greatest(@Now, clock_timestamp()) - @Settled)
                or not exists (select from salesforce_sync.deletion where org = @Org and at > greatest(@Now, clock_timestamp()) - @Pause))
        order by at limit @Most
        """;

    private const string References = """
        select f.object as Object, f."column" as "Column", greatest(c.reltuples, 0)::bigint as Rows
        from salesforce_sync.field f left join salesforce_sync.object o on o.org = f.org and lower(o.object) = lower(f.object)
        join pg_class c on c.oid = to_regclass(quote_ident(@Schema) || '.' || quote_ident(lower(f.object)))
        where f.org = @Org and coalesce(o.state, 'copied') = 'copied' and f.type = 'text' and split_part(f.doc, ':', 1) = 'ForeignKey'
            and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = f."column" and not a.attisdropped)
        order by f.object, f."column"
        """;

    private const string Queue = """
        insert into salesforce_sync.repair (org, object, record_id, reason, event, opened_at, next_at)
        select @Org, @Object, r, 'reparented', @Event, transaction_timestamp(), case when
                (select coalesce(max(calls), 0) from salesforce_sync.api_budget where org = @Org) > @Cheap
                and (select count(distinct opened_at) from salesforce_sync.repair
                    where org = @Org and object = @Object and reason = 'reparented' and opened_at > clock_timestamp() - interval '1 day') >= @Soon
            then @Later end
        from unnest(@Records) r where exists (select from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner)
        on conflict (org, object, record_id, reason) where state = 'open' do update set event = greatest(repair.event, excluded.event), asked_at = clock_timestamp()
        """;

    private const string Forget = "delete from salesforce_sync.deletion where org = @Org and record_id = any(@Records) and event <= @Event";

    private readonly Dictionary<string, Large> _large = new(StringComparer.Ordinal);
    private DateTimeOffset _nextLook = DateTimeOffset.MinValue;

    /// <summary>Looks at the deletes that have settled; true when there were any.</summary>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        if (now < _nextLook || PlantedBug.Is(PlantedBugs.ChildrenForgotten))
            return false;
        var settled = every ?? UsualEvery;
        _nextLook = now + (settled / Looks);
        await using var connection = await source.OpenConnectionAsync(stop);
        var deleted = (await connection.QueryAsync<Deletion>(new CommandDefinition(
            Deleted, new { ownership.Org, Now = now.UtcDateTime, Settled = settled, Pause = settled / Looks, Most = MostDeletions }, cancellationToken: stop))).ToList();
        if (deleted.Count == 0)
            return false;
        var (ids, last) = (deleted.Select(d => d.RecordId).ToArray(), deleted.Max(d => d.Event));
        var references = await connection.QueryAsync<Reference>(new CommandDefinition(References, new { ownership.Org, Schema = schema }, cancellationToken: stop));
        await using var transaction = await connection.BeginTransactionAsync(stop);
        foreach (var table in references.GroupBy(r => r.Object))
        {
            if (Of(table.Key, table.First().Rows, ids, now) is not { } parents)
                continue;
            var children = await ChildrenAsync(connection, table.Key, [.. table.Select(r => r.Column)], parents, stop);
            if (children.Length == 0)
                continue;
            await connection.ExecuteAsync(new CommandDefinition(
                Queue, new { ownership.Org, ownership.Epoch, ownership.Owner, Object = table.Key, Records = children, Event = last, Cheap = CheapCalls, Soon = SoonPerDay, Later = (now + Later).UtcDateTime }, transaction, cancellationToken: stop));
            logger.ChildrenQueued(ownership.Org, table.Key, children.Length);
        }
        await connection.ExecuteAsync(new CommandDefinition(Forget, new { ownership.Org, Records = ids, Event = last }, transaction, cancellationToken: stop));
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    private async Task<string[]> ChildrenAsync(NpgsqlConnection connection, string objectName, IReadOnlyList<string> columns, string[] ids, CancellationToken stop)
    {
        var table = Sql.Quote(schema, PostgresName.Of(objectName));
        var points = string.Join(" or ", columns.Select(column => $"t.{Sql.Quote(column)} = any(@Ids)"));
        return [.. await connection.QueryAsync<string>(new CommandDefinition(
            $"select t.id from {table} t where not t._sync_deleted and ({points}) limit {MostChildren}", new { Ids = ids }, commandTimeout: 600, cancellationToken: stop))];
    }

    /// <summary>The deleted records to look for in a table; null when it is too large to be looked through already again, and they are kept until it is time.</summary>
    private string[]? Of(string objectName, long rows, string[] ids, DateTimeOffset now)
    {
        if (rows < LargeTable)
            return ids;
        if (!_large.TryGetValue(objectName, out var large))
            _large.Add(objectName, large = new());
        large.Parents.UnionWith(ids.Take(MostParents - large.Parents.Count));
        if (now < large.NotBefore)
            return null;
        logger.LargeTablePassed(ownership.Org, objectName, rows);
        string[] all = [.. large.Parents];
        large.Parents.Clear();
        large.NotBefore = now + LargeEvery;
        return all;
    }

    private sealed class Large
    {
        public HashSet<string> Parents { get; } = new(StringComparer.Ordinal);

        public DateTimeOffset NotBefore { get; set; } = DateTimeOffset.MinValue;
    }

    private sealed record Deletion
    {
        public string RecordId { get; init; } = "";

        public long Event { get; init; }

        public DateTime At { get; init; }
    }

    private sealed record Reference
    {
        public string Object { get; init; } = "";

        public string Column { get; init; } = "";

        public long Rows { get; init; }
    }
}
