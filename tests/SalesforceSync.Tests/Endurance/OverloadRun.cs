using System.Globalization;
using Dapper;
using SalesforceSync.Tests.Crash;

namespace SalesforceSync.Tests.Endurance;

/// <summary>How much has gathered before the worker starts, and how slow the database's commits are.</summary>
/// <param name="Events">At least so many, and one transaction of <see cref="Large"/> in their middle.</param>
internal sealed record OverloadOrder(int Seed, int Events)
{
    /// <summary>Events of the large transaction.</summary>
    public int Large { get; init; } = 100_000;

    /// <summary>How long each commit of a position takes at least.</summary>
    public TimeSpan Commit { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc cref="SoakOrder.Memory"/>
    public long Memory { get; init; } = 256L << 20;

    /// <inheritdoc cref="SoakOrder.Heap"/>
    public long Heap { get; init; } = 128L << 20;
}

/// <summary>What came of a backlog.</summary>
/// <param name="SlowCommits">Commits that were made slow.</param>
/// <param name="PeakResident">In bytes.</param>
/// <param name="Late">How long a change of a moment ago took when the backlog was gone.</param>
internal sealed record OverloadResult(TimeSpan Took, long Events, long SlowCommits, long PeakResident, TimeSpan Late, CopyFaults Copy)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        {Events:N0} events in {Took.TotalSeconds:0} s, {SlowCommits:N0} commits of at least 200 ms: at most {PeakResident >> 20} MB resident; a change after it came through in {Late.TotalSeconds:0.0} s
        """);
}

/// <summary>A worker with little memory and a slow database finds a great backlog.</summary>
internal static class OverloadRun
{
    /// <summary>The whole transaction waits, after everything else in it: so does a server whose disk is slow.</summary>
    private const string SlowCommits = """
        create sequence watch.slow;
        create function watch.commit_slowly() returns trigger language plpgsql as $$
        begin
            perform nextval('watch.slow');
            perform pg_sleep({0});
            return null;
        end $$;
        create constraint trigger slow after update on salesforce_sync.cursor deferrable initially deferred for each row execute function watch.commit_slowly();
        """;

    public static async Task<OverloadResult> LiveAsync(OverloadOrder order)
    {
        var time = TimeProvider.System;
        using var group = MemoryGroup.Create(order.Memory);
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = order.Seed });
        await using (var connection = await copy.Source.OpenConnectionAsync())
            await connection.ExecuteAsync(SlowCommits.Replace("{0}", order.Commit.TotalSeconds.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        var bus = copy.Simulated.Org.Bus;
        while (bus.EventCount < order.Events / 2) copy.Load.Commit(100);
        LargeTransactions.Commit(copy, order.Large, order.Large / 5);
        while (bus.EventCount < order.Events) copy.Load.Commit(100);
        var events = bus.EventCount;

        var began = time.GetTimestamp();
        var worker = await copy.StartWorkerAsync(SoakRun.Limits(group, order.Heap));
        await copy.CaughtUpAsync(TimeSpan.FromHours(1));
        var took = time.GetElapsedTime(began);
        var changed = time.GetTimestamp();
        copy.Load.Commit(1);
        await copy.CaughtUpAsync();
        var result = new OverloadResult(took, events, await copy.CountAsync("select last_value from watch.slow"), worker.PeakResidentBytes(), time.GetElapsedTime(changed), await copy.FaultsAsync());
        group.Killed.ShouldBe(0);
        return result;
    }
}
