using Npgsql;
using SalesforceSync.Cli.Demo;

namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary>
/// Publish to visible: the org's stamp of an event in milliseconds until a reader who is not the worker, looking every millisecond, sees the applied
/// position at or beyond it. Joined by replay id; one machine, one clock.
/// </summary>
internal static class LiveLag
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    private const int WarmUpSeconds = 5;

    /// <summary>Measures after a warm-up that does not count: a worker is live for weeks, and its first second is its compiler's.</summary>
    public static async Task<LagFigures> MeasureAsync(IContestant worker, int seconds, TimeProvider time, CancellationToken stop)
    {
        await RunAsync(worker, WarmUpSeconds, BenchOrder.LiveRate, time, stop);
        return await RunAsync(worker, seconds, BenchOrder.LiveRate, time, stop);
    }

    /// <param name="rate">Events per second.</param>
    public static async Task<LagFigures> RunAsync(IContestant worker, int seconds, int rate, TimeProvider time, CancellationToken stop)
    {
        await worker.Org.PrepareAsync(seconds * rate, rate, time, stop);
        await using var connection = new NpgsqlConnection(worker.Database);
        await connection.OpenAsync(stop);
        var (before, _) = await Run.CaughtUpAsync(worker, connection, null, time, stop);
        await using var read = new NpgsqlCommand(worker.Position, connection);
        await read.PrepareAsync(stop);
        var ledger = new LagLedger();
        await worker.Org.ReleaseAsync(stop);
        var end = time.GetUtcNow().AddSeconds(seconds + 2);
        using var timer = new PeriodicTimer(Look, time);
        var last = before;
        while (time.GetUtcNow() < end && await timer.WaitForNextTickAsync(stop))
        {
            if (await read.ExecuteScalarAsync(stop) is not string position || position == last)
                continue;
            ledger.SeenApplied(position, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds);
            last = position;
        }
        ledger.Commits(await worker.Org.CommitsAsync(worker.Topic, before, stop));
        return ledger.Applied == ledger.Committed
            ? ledger.All()
            : throw new InvalidOperationException($"{ledger.Committed - ledger.Applied} of {ledger.Committed} events were not seen applied");
    }
}
