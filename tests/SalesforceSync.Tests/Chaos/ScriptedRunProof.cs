using Dapper;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.EndToEnd;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;

namespace SalesforceSync.Tests.Chaos;

/// <summary>What a scripted run has left.</summary>
/// <param name="Events">Stored, each once.</param>
/// <param name="Transactions">Counted as applied.</param>
/// <param name="Failures">What ended the parts.</param>
internal sealed record ScriptedRunResult(long Events, long Transactions, IReadOnlyList<string> Failures);

/// <summary>Everything that has to be so in the end, whatever failed on the way.</summary>
internal sealed class ScriptedRunProof(RunLane lane, SimulatedSalesforce simulated, OrgOptions options, CapturedLog log)
{
    private const string Counts = """
        select (select count(*) from salesforce_sync.event where org = @Name) as stored,
            (select count(distinct event_id) from salesforce_sync.event where org = @Name) as different,
            (select transactions from salesforce_sync.org where name = @Name) as transactions,
            (select torn from salesforce_sync.org where name = @Name) as torn,
            (select count(*) from salesforce_sync.quarantine where org = @Name) as parked,
            (select coalesce(sum(calls), 0)::bigint from salesforce_sync.api_call where org = @Name) as booked
        """;

    // Nothing is being read any more: what only readings need would lie there for ever.
    private const string Leftovers = """
        select coalesce(string_agg(what || ': ' || rows, ', '), '') from (
            select 'seen' as what, count(*) as rows from salesforce_sync.seen s join salesforce_sync.read r on r.id = s.read where r.org = @Name
            union all select 'suspect', count(*) from salesforce_sync.suspect s join salesforce_sync.read r on r.id = s.read where r.org = @Name
            union all select 'touch', count(*) from salesforce_sync.touch where org = @Name
            union all select 'pending_diff', count(*) from salesforce_sync.pending_diff where org = @Name
            union all select 'not streamed', 1 - count(*) from salesforce_sync.coverage where org = @Name and state = 'streamed') l
        where rows <> 0
        """;

    public async Task<ScriptedRunResult> ProveAsync(IReadOnlyList<string> failures)
    {
        var truth = simulated.Org.Truth();
        var rules = new ComparisonRules { Repaired = true, Org = options.Name };
        var result = await ReplicaComparison.CompareAsync(truth, lane.Database, options.Schema, rules, CancellationToken.None);
        result.Equal.ShouldBeTrue($"{result}\n{string.Join('\n', result.Differences)}");
        result.Records.ShouldBeGreaterThan(60);
        var ledger = await lane.Ledger.FaultsAsync(truth);
        (ledger.Doubled.Count + ledger.Unordered.Count + ledger.Torn.Count).ShouldBe(0, ledger.ToString());
        await using var connection = await lane.Direct.OpenConnectionAsync();
        var (stored, different, transactions, torn, parked, booked) =
            await connection.QuerySingleAsync<(long Stored, long Different, long Transactions, long Torn, long Parked, long Booked)>(Counts, new { options.Name });
        (stored - different).ShouldBe(0, "events stored twice");
        (torn + parked).ShouldBe(0, $"{torn} torn, {parked} parked");
        booked.ShouldBeGreaterThanOrEqualTo(simulated.Counts.Rest + simulated.Counts.Tokens, "calls that were not booked");
        (await connection.ExecuteScalarAsync<string>(Leftovers, new { options.Name })).ShouldBe("", "left behind");
        // No call that fails once is a person's business.
        log.Lines.Where(line => line.Level == Microsoft.Extensions.Logging.LogLevel.Error).ShouldBeEmpty();
        return new(stored, transactions, failures);
    }
}
