using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;

namespace SalesforceSync.Repair;

/// <summary>
/// Rule E10: a merge of records may move the children of those that go without an event. Some time after a delete, rows that still point at the deleted record
/// are queued to be fetched. No call, and at most one scan of a table for all deletes of a minute.
/// </summary>
internal sealed class Reparented(NpgsqlDataSource source, Ownership ownership, string schema, TimeProvider time, ILogger logger, TimeSpan? every = null)
{
    private const int MostDeletions = 5_000;
    private const int MostChildren = 20_000;
    private const int MostParents = 50_000;

    /// <summary>Rows beyond which a table is too large to be read through every minute.</summary>
    private const long LargeTable = 2_000_000;

    private static readonly TimeSpan UsualEvery = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LargeEvery = TimeSpan.FromHours(1);

    // What moves with its events in the same transaction, or soon after, has moved by then.
    private const string Deleted = """
        select record_id as RecordId, event as Event, at as At from salesforce_sync.deletion
        where org = @Org and (at <= @Now - @Settled or at <= clock_timestamp() - @Settled) order by at limit @Most
        """;

    private const string References = """
        select f.object as Object, f."column" as "Column", greatest(c.reltuples, 0)::bigint as Rows
        from salesforce_sync.field f join salesforce_sync.object o on o.org = f.org and lower(o.object) = lower(f.object) and o.state = 'copied'
        join pg_class c on c.oid = to_regclass(quote_ident(@Schema) || '.' || quote_ident(lower(f.object)))
        where f.org = @Org and f.type = 'text' and split_part(f.doc, ':', 1) = 'ForeignKey'
            and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = f."column" and not a.attisdropped)
        order by f.object, f."column"
        """;

    private const string Queue = """
        insert into salesforce_sync.repair (org, object, record_id, reason, event) select @Org, @Object, r, 'reparented', @Event from unnest(@Records) r
        where exists (select from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner)
        on conflict (org, object, record_id, reason) where state = 'open' do update set event = greatest(repair.event, excluded.event)
        """;

    private const string Forget = "delete from salesforce_sync.deletion where org = @Org and record_id = any(@Records) and event <= @Event";

    private readonly Dictionary<string, Large> _large = new(StringComparer.Ordinal);
    private DateTimeOffset _nextLook = DateTimeOffset.MinValue;

    /// <summary>Looks at the deletes that have settled; true when there were any.</summary>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        if (now < _nextLook)
            return false;
        _nextLook = now + (every ?? UsualEvery);
        await using var connection = await source.OpenConnectionAsync(stop);
        var deleted = (await connection.QueryAsync<Deletion>(new CommandDefinition(
            Deleted, new { ownership.Org, Now = now.UtcDateTime, Settled = every ?? UsualEvery, Most = MostDeletions }, cancellationToken: stop))).ToList();
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
                Queue, new { ownership.Org, ownership.Epoch, ownership.Owner, Object = table.Key, Records = children, Event = last }, transaction, cancellationToken: stop));
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
