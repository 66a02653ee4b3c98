using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Database;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Crash;

/// <summary>The promise the product is bought for: whatever kills the worker, and whenever, each transaction is copied once, whole, in order.</summary>
public sealed class KillLoopTests(ITestOutputHelper output)
{
    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task Thirty_kills_at_random_lose_nothing_double_nothing_and_tear_nothing() => KillAsync(new(Seed: 11, Kills: 30, Transactions: 20_000));

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Part)]
    public Task Five_kills_at_random_lose_nothing_double_nothing_and_tear_nothing() => KillAsync(new(Seed: 13, Kills: 5, Transactions: 3_500));

    [CrashPointFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_position_that_is_moved_before_its_rows_is_found_out()
    {
        var faults = await MovePositionFirstAsync(seed: 12);
        output.WriteLine($"{faults}");
        // Whether a record's last change is missing too is up to chance: others may have come after what was lost.
        faults.Ledger.Apart.ShouldNotBeEmpty();
        faults.Comparison.Equal.ShouldBeFalse();
    }

    private async Task KillAsync(KillLoopOrder order)
    {
        var result = await new KillLoop(order).RunAsync();
        output.WriteLine($"{result}");
        result.ShouldBeExact();
        result.ShouldProveSomething(order.Kills);
    }

    /// <summary>What kills leave of a worker that moves its position before it writes the rows.</summary>
    internal static async Task<CopyFaults> MovePositionFirstAsync(int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 100 });
        copy.Load.Commit(200);
        // The more there is to apply in one commit, the more is lost with it.
        foreach (var hit in new[] { 2, 3, 4 })
        {
            copy.Load.Commit(200);
            var worker = await copy.StartWorkerAsync(("SYNC_PLANTED_BUG", PlantedBugs.PositionBeforeRows), ("SYNC_CRASH_POINT", $"{CrashPoints.ApplyBeforePosition}:{hit}"));
            await copy.DieAsync(worker, portion: 25);
        }
        await copy.StartWorkerAsync(("SYNC_PLANTED_BUG", PlantedBugs.PositionBeforeRows));
        copy.Load.Commit(20);
        // The position says nothing here: rows come after it.
        await copy.RepairedAsync();
        return await copy.FaultsAsync();
    }
}
