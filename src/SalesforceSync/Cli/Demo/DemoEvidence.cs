using Npgsql;
using SalesforceSync.Simulator.Comparison;

namespace SalesforceSync.Cli.Demo;

/// <summary>What Postgres shows once everything is applied.</summary>
/// <param name="Comparison">The tables against the org's own record, field by field.</param>
/// <param name="Stored">Raw events stored.</param>
/// <param name="Torn">Transactions not applied whole, counted by the worker in the commits themselves.</param>
/// <param name="Quarantined">Events that were parked.</param>
/// <param name="Unrecorded">Records the stream alone cannot make right, of which nothing in <c>salesforce_sync.repair</c> says so.</param>
internal sealed record DemoEvidence(ComparisonResult Comparison, long Stored, long Torn, long Quarantined, long Unrecorded)
{
    private const string Counts = """
        select (select count(*) from salesforce_sync.event where org = $1), o.torn,
            (select count(*) from salesforce_sync.quarantine where org = $1 and state = 'open')
        from salesforce_sync.org o where o.name = $1
        """;

    private const string Repairs = "select object, record_id from salesforce_sync.repair where org = $1 and state = 'open'";

    /// <param name="org">The org's name and its tables' schema.</param>
    /// <exception cref="NpgsqlException">Postgres cannot be read.</exception>
    public static async Task<DemoEvidence> ReadAsync(Truth truth, string connectionString, string org, CancellationToken stop)
    {
        var comparison = await ReplicaComparison.CompareAsync(truth, connectionString, org, stop);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(stop);
        var recorded = new HashSet<(string Object, string? RecordId)>();
        await using (var repairs = new NpgsqlCommand(Repairs, connection) { Parameters = { new() { Value = org } } })
        await using (var rows = await repairs.ExecuteReaderAsync(stop))
        {
            while (await rows.ReadAsync(stop))
                recorded.Add((rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetString(1)));
        }
        var unrecorded = truth.Records.Count(record => record.Dirty && !recorded.Contains((record.ObjectName, record.Id)) && !recorded.Contains((record.ObjectName, null)));
        await using var counts = new NpgsqlCommand(Counts, connection) { Parameters = { new() { Value = org } } };
        await using var row = await counts.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop))
            throw new DemoFailedException($"salesforce_sync.org has no row {org}: the worker never began");
        return new(comparison, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), unrecorded);
    }
}
