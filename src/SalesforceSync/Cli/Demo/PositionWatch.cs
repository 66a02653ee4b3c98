using Npgsql;

namespace SalesforceSync.Cli.Demo;

/// <summary>
/// Looks at the worker's positions in Postgres every few milliseconds, as any other reader could: an applied position that is seen stands for rows that
/// can be seen, because both are of one commit.
/// </summary>
internal sealed class PositionWatch(NpgsqlDataSource source, LagLedger ledger, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(5);

    // The received position is the id to resume with, which may lie before the last event: that one is last_replay_id.
    private const string Positions = """
        select stage, encode(case stage when 'received' then coalesce(last_replay_id, replay_id) else replay_id end, 'hex')
        from salesforce_sync.cursor where org = $1
        """;

    public async Task RunAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var read = new NpgsqlCommand(Positions, connection) { Parameters = { new() { Value = DemoStage.OrgName } } };
        await read.PrepareAsync(stop);
        using var timer = new PeriodicTimer(Every, time);
        string? last = null;
        do
        {
            var applied = await ReadAsync(read, stop);
            if (applied is null || applied == last)
                continue;
            last = applied;
            ledger.SeenApplied(applied, Now(time));
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>The clock both sides are stamped with.</summary>
    public static double Now(TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    private async Task<string?> ReadAsync(NpgsqlCommand read, CancellationToken stop)
    {
        string? applied = null;
        await using var rows = await read.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            if (rows.IsDBNull(1))
                continue;
            if (rows.GetString(0) == "applied")
                applied = rows.GetString(1);
            else
                ledger.SeenReceived(rows.GetString(1));
        }
        return applied;
    }
}
