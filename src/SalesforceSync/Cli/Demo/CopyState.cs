using Npgsql;

namespace SalesforceSync.Cli.Demo;

/// <summary>What the copy knows of itself beside its positions, in one look; as anybody could ask it.</summary>
/// <param name="SnapshotRows">Rows merged by snapshots, those asked for after a lost replay id too.</param>
/// <param name="SnapshotExpected">Rows they are known to have; null: not all have said yet.</param>
/// <param name="SnapshotsOpen">Snapshots asked for and not done.</param>
/// <param name="SnapshotsDone">Snapshots done.</param>
/// <param name="Readings">Readings of whatever kind that are not done.</param>
/// <param name="Repairs">Repairs that are open, and looks at children of deleted records.</param>
/// <param name="Failed">Repairs that were given up.</param>
/// <param name="Gaps">Coverage gaps that are open.</param>
/// <param name="Calls">Booked before they were sent.</param>
/// <param name="Torn">Transactions not applied whole.</param>
internal sealed record CopyState(
    long SnapshotRows, long? SnapshotExpected, long SnapshotsOpen, long SnapshotsDone, long Readings, long Repairs, long Failed, long Gaps, long Calls, long Torn)
{
    private const string Look = """
        with reading as (select kind, state in ('waiting', 'reading', 'merging') as open, state, rows_merged, rows_expected from salesforce_sync.read where org = $1),
            gap as (select to_event from salesforce_sync.coverage where org = $1 and state = 'gap')
        select
            (select coalesce(sum(rows_merged), 0)::bigint from reading where kind = 'snapshot'),
            (select case when bool_and(rows_expected is not null) then sum(greatest(rows_expected, rows_merged))::bigint end
                from reading where kind = 'snapshot' and state <> 'failed'),
            (select count(*) from reading where kind = 'snapshot' and open),
            (select count(*) from reading where kind = 'snapshot' and state = 'done'),
            (select count(*) from reading where open),
            (select count(*) from salesforce_sync.repair where org = $1 and state = 'open') + (select count(*) from salesforce_sync.deletion where org = $1),
            (select count(*) from salesforce_sync.repair where org = $1 and state = 'failed'),
            (select count(*) from gap where to_event is null),
            (select coalesce(sum(calls), 0)::bigint from salesforce_sync.api_spent where org = $1),
            (select torn from salesforce_sync.org where name = $1)
        """;

    public static CopyState None { get; } = new(0, null, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Nothing is known to be missing, and nothing is under way.</summary>
    public bool IsSettled => Readings == 0 && Repairs == 0 && Gaps == 0 && SnapshotsDone > 0;

    /// <summary>The first snapshots are under way: some rows are here, some are not.</summary>
    public bool IsAmidSnapshot => SnapshotRows > 0 && SnapshotsOpen > 0;

    public string Remaining => $"{Readings} readings, {Repairs} repairs and {Gaps} coverage gaps are open";

    /// <exception cref="NpgsqlException">Postgres cannot be read.</exception>
    public static async Task<CopyState> ReadAsync(NpgsqlDataSource source, string org, CancellationToken stop)
    {
        await using var command = source.CreateCommand(Look);
        command.Parameters.Add(new() { Value = org });
        await using var row = await command.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        long Number(int at) => row.IsDBNull(at) ? 0 : row.GetInt64(at);
        return new(
            Number(0), row.IsDBNull(1) ? null : row.GetInt64(1), Number(2), Number(3), Number(4), Number(5), Number(6), Number(7), Number(8), Number(9));
    }
}
