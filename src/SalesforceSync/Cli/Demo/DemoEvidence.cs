using Dapper;
using Npgsql;
using SalesforceSync.Simulator.Comparison;

namespace SalesforceSync.Cli.Demo;

/// <summary>What Postgres shows once nothing is known to be missing.</summary>
/// <param name="Comparison">The tables against the org's own record: every record, field by field.</param>
/// <param name="Copy">What the copy knows of itself.</param>
/// <param name="Stored">Raw events stored.</param>
/// <param name="Quarantined">Events that were parked.</param>
/// <param name="Gaps">Coverage gaps, by why.</param>
/// <param name="Repairs">What was repaired, by why.</param>
/// <param name="Calls">What was booked, by what for.</param>
internal sealed record DemoEvidence(
    ComparisonResult Comparison, CopyState Copy, long Stored, long Quarantined, IReadOnlyList<GapsSeen> Gaps, IReadOnlyList<RepairsDone> Repairs, IReadOnlyDictionary<string, long> Calls)
{
    private const string Counts = """
        select (select count(*) from salesforce_sync.event where org = @Org) as "Stored",
            (select count(*) from salesforce_sync.quarantine where org = @Org and state = 'open') as "Quarantined",
            (select count(*) from salesforce_sync.org where name = @Org) as "Orgs"
        """;

    private const string GapsByReason = """
        select coalesce(evidence ->> 'reason', '') as "Reason", count(*) as "Opened", count(*) filter (where state = 'repaired') as "Closed"
        from salesforce_sync.coverage where org = @Org and state in ('gap', 'repaired') group by 1 order by 2 desc, 1
        """;

    private const string RepairsByReason = """
        select reason as "Reason", count(*) filter (where state = 'done') as "Done", count(*) filter (where state <> 'done') as "Open"
        from salesforce_sync.repair where org = @Org group by reason order by 2 desc, 1
        """;

    private const string CallsByClass = """
        select class as "Class", sum(calls)::bigint as "Calls" from salesforce_sync.api_spent where org = @Org group by class order by 2 desc, 1
        """;

    /// <param name="org">The org's name and its tables' schema.</param>
    /// <exception cref="NpgsqlException">Postgres cannot be read.</exception>
    public static async Task<DemoEvidence> ReadAsync(Truth truth, NpgsqlDataSource source, string connectionString, string org, CancellationToken stop)
    {
        var comparison = await ReplicaComparison.CompareAsync(truth, connectionString, org, new ComparisonRules { Repaired = true, Org = org }, stop);
        var copy = await CopyState.ReadAsync(source, org, stop);
        await using var connection = await source.OpenConnectionAsync(stop);
        CommandDefinition Ask(string sql) => new(sql, new { Org = org }, cancellationToken: stop);
        var counts = await connection.QuerySingleAsync<Counted>(Ask(Counts));
        if (counts.Orgs == 0)
            throw new DemoFailedException($"salesforce_sync.org has no row {org}: the worker never began");
        var gaps = (await connection.QueryAsync<GapsSeen>(Ask(GapsByReason))).AsList();
        var repairs = (await connection.QueryAsync<RepairsDone>(Ask(RepairsByReason))).AsList();
        var calls = (await connection.QueryAsync<Spent>(Ask(CallsByClass))).ToDictionary(spent => spent.Class, spent => spent.Calls);
        return new(comparison, copy, counts.Stored, counts.Quarantined, gaps, repairs, calls);
    }

    private sealed record Counted(long Stored, long Quarantined, long Orgs);

    private sealed record Spent(string Class, long Calls);
}

/// <param name="Reason">As the evidence of <c>salesforce_sync.coverage</c> names it.</param>
/// <param name="Closed">Of those opened: proven closed.</param>
internal sealed record GapsSeen(string Reason, long Opened, long Closed);

/// <param name="Reason">As <c>salesforce_sync.repair</c> names it.</param>
/// <param name="Open">Those given up too.</param>
internal sealed record RepairsDone(string Reason, long Done, long Open);
