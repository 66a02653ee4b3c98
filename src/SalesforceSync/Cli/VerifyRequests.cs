using System.Text.Json;
using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;

namespace SalesforceSync.Cli;

/// <summary>How one object's comparison stands.</summary>
/// <param name="State">Of the reading: <c>waiting</c>, <c>reading</c>, <c>merging</c>, <c>done</c> or <c>failed</c>.</param>
/// <param name="Differing">Records that were found different, or of a deep comparison rows with other values.</param>
/// <param name="Columns">Of a deep comparison: the columns of which values differed, and how many.</param>
/// <param name="StillOpen">Of them not yet repaired.</param>
internal sealed record VerifiedObject(
    string Org, string Object, string State, bool Deep, long? RowsHere, long? RowsThere, long? Differing, long StillOpen, long Calls, DateTime? ProvenAt, string? Message,
    IReadOnlyDictionary<string, long> Columns)
{
    public bool IsOver => State is "done" or "failed" && StillOpen == 0;

    public bool IsEqual => State == "done" && StillOpen == 0;

    public long? Repaired => Differing is { } found ? Math.Max(0, found - StillOpen) : null;
}

/// <summary>Asks the running worker for comparisons, through the database, and looks how they stand.</summary>
internal sealed class VerifyRequests(NpgsqlDataSource source)
{
    private const string Objects = """
        select o.org as "Org", o.object as "Object", o.channel as "Channel", o.state as "State", o.rows_here as "RowsHere", o.rows_there as "RowsThere",
            o.proven_at as "ProvenAt", coalesce(l.until > clock_timestamp() and g.paused_at is null, false) as "IsOwned", g.paused_at is not null as "IsPaused"
        from salesforce_sync.object o join salesforce_sync.org g on g.name = o.org left join salesforce_sync.lease l on l.org = o.org
        where (@Org::text is null or o.org = @Org) order by o.org, o.object
        """;

    private const string Ask = """
        insert into salesforce_sync.read (org, object, channel, kind, reason, proves) values (@Org, @Object, @Channel, @Kind, @Reason, true)
        on conflict (org, object) where kind = 'snapshot' and state in ('waiting', 'reading', 'merging') do update set reason = read.reason
        returning id
        """;

    private const string Look = """
        select r.org as "Org", r.object as "Object", r.state as "State", r.kind = 'snapshot' as "Deep", coalesce(s.rows_here, o.rows_here) as "RowsHere",
            coalesce(s.rows_there, o.rows_there) as "RowsThere", s.changed + s.missing + s.deleted + s.absent as "Differing", s.differing::text as "Columns",
            (select count(*) from salesforce_sync.repair p where p.org = r.org and p.object = r.object and p.reason = 'sweep' and p.state <> 'done') as "StillOpen",
            r.calls + coalesce((select sum(f.calls) from salesforce_sync.read f
                where f.org = r.org and f.object = r.object and f.kind = 'repair' and f.opened_at >= r.opened_at), 0)::bigint as "Calls",
            o.proven_at as "ProvenAt", r.message as "Message"
        from salesforce_sync.read r
        join salesforce_sync.object o on o.org = r.org and o.object = r.object
        left join salesforce_sync.sweep s on s.read = r.id
        where r.id = any(@Ids) order by r.org, r.object
        """;

    /// <summary>An object that can be compared.</summary>
    public sealed record Known
    {
        public string Org { get; init; } = "";

        public string Object { get; init; } = "";

        public string Channel { get; init; } = "";

        public string State { get; init; } = "";

        public long? RowsHere { get; init; }

        public long? RowsThere { get; init; }

        public DateTime? ProvenAt { get; init; }

        /// <summary>A worker runs that will see to it.</summary>
        public bool IsOwned { get; init; }

        /// <summary>The whole org is paused.</summary>
        public bool IsPaused { get; init; }
    }

    public async Task<IReadOnlyList<Known>> ObjectsAsync(string? org, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. await connection.QueryAsync<Known>(new CommandDefinition(Objects, new { Org = org }, cancellationToken: stop))];
    }

    /// <summary>Asks for all of them at once; returns the readings.</summary>
    public async Task<IReadOnlyList<long>> AskAsync(IEnumerable<Known> objects, bool deep, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        var ids = new List<long>();
        foreach (var org in objects.GroupBy(o => o.Org).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            await OrgRow.LockAsync(connection, org.Key, stop);
            foreach (var known in org)
            {
                var values = new { known.Org, known.Object, known.Channel, Kind = deep ? "snapshot" : "sweep", Reason = deep ? DeepCount.Reason : "verify" };
                var reading = await connection.ExecuteScalarAsync<long>(new CommandDefinition(Ask, values, transaction, cancellationToken: stop));
                ids.Add(reading);
                await Audit.WriteAsync(connection, known.Org, "verify", known.Object, new { deep, reading }, stop);
            }
        }
        await transaction.CommitAsync(CancellationToken.None);
        return ids;
    }

    public async Task<IReadOnlyList<VerifiedObject>> LookAsync(IReadOnlyList<long> ids, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition(Look, new { Ids = ids.ToArray() }, cancellationToken: stop))).Select(r => new VerifiedObject(
            r.Org, r.Object, r.State, r.Deep, r.RowsHere, r.RowsThere, r.Differing, r.StillOpen, r.Calls, r.ProvenAt, r.Message,
            JsonSerializer.Deserialize<SortedDictionary<string, long>>(r.Columns ?? "{}")!))];
    }

    private sealed record Row
    {
        public string Org { get; init; } = "";

        public string Object { get; init; } = "";

        public string State { get; init; } = "";

        public bool Deep { get; init; }

        public long? RowsHere { get; init; }

        public long? RowsThere { get; init; }

        public long? Differing { get; init; }

        public string? Columns { get; init; }

        public long StillOpen { get; init; }

        public long Calls { get; init; }

        public DateTime? ProvenAt { get; init; }

        public string? Message { get; init; }
    }
}
