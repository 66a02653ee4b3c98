using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Database;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Crash;

/// <summary>The promise the product is bought for: whatever kills the worker, and whenever, each transaction is copied once, whole, in order.</summary>
public sealed class KillLoopTests(ITestOutputHelper output)
{
    private const int Transactions = 20_000;
    private const int Kills = 30;
    private const double Rate = 600;

    // Ids of what a worker logs on its way up: it owns the org; it is subscribed.
    private const int LeaseTaken = 7010;
    private const int Subscribed = 1001;

    [PostgresFact]
    public async Task Thirty_kills_at_random_lose_nothing_double_nothing_and_tear_nothing()
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = 11 });
        var onlooker = new Onlooker(copy.Source, WatchedCopy.Schema, copy.Load.Marked);
        var random = new Random(4711);
        var (kills, behind) = (0, 0);
        await using (var beside = new TaskGroup(CancellationToken.None))
        {
            beside.Start("onlooker", onlooker.RunAsync);
            // Two portions ahead of the kills: there is something under way when one comes, however slow the machine.
            var load = new TaskCompletionSource();
            beside.Start("load", async stop =>
            {
                await copy.Load.RunAsync(Transactions, Rate, () => (Volatile.Read(ref kills) + 2L) * Transactions / (Kills + 2), stop);
                load.SetResult();
            });
            for (; kills < Kills; Interlocked.Increment(ref kills))
            {
                var worker = await copy.StartWorkerAsync();
                await WaitForItsMomentAsync(copy, worker, random);
                if (await copy.IsBehindAsync()) behind++;
                await worker.KillAsync();
                (await worker.EndedAsync()).ShouldBe(WorkerProcess.Killed, worker.ToString());
            }
            await copy.StartWorkerAsync();
            await load.Task.WaitAsync(beside.Stop);
            await copy.CaughtUpAsync();
        }
        var faults = await copy.FaultsAsync();
        output.WriteLine($"{copy.Load.Committed} transactions, {copy.Simulated.Org.Bus.EventCount} events, {await copy.Ledger.CountAsync()} effects");
        output.WriteLine($"{kills} kills, {behind} of them with transactions under way; {copy.Simulated.Counts.Subscribes} subscriptions");
        output.WriteLine($"{onlooker.Looks} snapshots, {onlooker.Changes} changes seen, {onlooker.Torn.Count} torn");
        output.WriteLine($"{faults}");
        faults.Any.ShouldBeFalse($"{faults}");
        onlooker.Torn.ShouldBeEmpty();
        // A loop that killed only idle workers, or an onlooker that saw nothing, would prove nothing.
        behind.ShouldBeGreaterThan(Kills * 2 / 3);
        onlooker.Changes.ShouldBeGreaterThan(Kills);
    }

    [CrashPointFact]
    public async Task A_position_that_is_moved_before_its_rows_is_found_out()
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = 12, MaxRecordsPerObject = 100 });
        copy.Load.Commit(200);
        for (var n = 2; n <= 4; n++)
        {
            copy.Load.Commit(200);
            var worker = await copy.StartWorkerAsync(("SYNC_PLANTED_BUG", "position-before-rows"), ("SYNC_CRASH_POINT", $"{CrashPoints.ApplyBeforePosition}:{n}"));
            await copy.DieAsync(worker);
        }
        await copy.StartWorkerAsync(("SYNC_PLANTED_BUG", "position-before-rows"));
        copy.Load.Commit(20);
        // The position says nothing here: rows come after it.
        await copy.RepairedAsync();
        var faults = await copy.FaultsAsync();
        output.WriteLine($"{faults}");
        faults.Ledger.Lost.ShouldNotBeEmpty();
        faults.Comparison.Equal.ShouldBeFalse();
    }

    /// <summary>Right after the start, while it recovers, or some time after it has applied something.</summary>
    private static async Task WaitForItsMomentAsync(WatchedCopy copy, WorkerProcess worker, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                break;
            case 1:
                await worker.UntilLoggedAsync(random.Next(2) == 0 ? LeaseTaken : Subscribed);
                break;
            default:
                var before = await copy.AppliedAsync();
                await copy.UntilAsync(async () => await copy.AppliedAsync() > before, "a started worker applies");
                break;
        }
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400)), TimeProvider.System, CancellationToken.None);
    }
}
