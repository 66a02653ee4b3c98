using SalesforceSync.Diagnostics;
using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Crash;

/// <summary>The worker dies while it reads whole objects; the next one goes on where merging stood, with the jobs the first one made.</summary>
public sealed class SnapshotKillTests
{
    public static TheoryData<string, int> Points => new()
    {
        { CrashPoints.SnapshotAfterBegin, 2 },
        { CrashPoints.SnapshotAfterJob, 2 },
        { CrashPoints.MergeBeforeCommit, 4 },
        { CrashPoints.SnapshotAfterPart, 4 },
        { CrashPoints.SnapshotBeforeClose, 2 },
    };

    public static TheoryData<string, int> RepairPoints => new() { { CrashPoints.RepairBeforeCommit, 2 } };

    [CrashPointTheory]
    [MemberData(nameof(Points))]
    public async Task A_worker_that_dies_while_it_reads_leaves_the_copy_as_the_org_is(string name, int hit)
    {
        await using var copy = await WatchedCopy.CreateAsync(
            new() { Seed = 31, MaxRecordsPerObject = 60, Gaps = false, SchemaChanges = false }, new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300), Bulk = new BulkRules { PageRows = 20 } });
        copy.Load.Commit(300);
        (string, string)[] snapshot = [("Orgs__acme__StartFrom", "Snapshot")];
        await copy.DieAsync(await copy.StartWorkerAsync([.. snapshot, ("SYNC_CRASH_POINT", $"{name}:{hit}")]));
        var jobs = copy.Simulated.Counts.RestByKind.GetValueOrDefault(CallKind.BulkCreate);
        copy.Load.Commit(20);
        await copy.StartWorkerAsync(snapshot);
        await copy.UntilAsync(
            async () => await copy.CountAsync("select count(*) from salesforce_sync.object where snapshot_at is not null") == 5
                && await copy.CountAsync("select count(*) from salesforce_sync.read where state in ('waiting', 'reading', 'merging')") == 0,
            "all objects are read");
        copy.Load.Commit(20);
        await copy.RepairedAsync();
        await copy.ShouldEqualTruthAsync();
        // One job for each object, but for one that was made and not remembered.
        (copy.Simulated.Counts.RestByKind[CallKind.BulkCreate]).ShouldBeLessThanOrEqualTo(6);
        (await copy.CountAsync("select max(tries) from salesforce_sync.read")).ShouldBe(1);
        jobs.ShouldBeLessThanOrEqualTo(5);
    }

    [CrashPointTheory]
    [MemberData(nameof(RepairPoints))]
    public async Task A_worker_that_dies_while_it_writes_what_it_fetched_leaves_it_to_be_fetched_again(string name, int hit)
    {
        await using var copy = await WatchedCopy.CreateAsync(
            new() { Seed = 32, MaxRecordsPerObject = 60, Gaps = true, SchemaChanges = false }, new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) });
        copy.Load.Commit(100);
        await copy.DieAsync(await copy.StartWorkerAsync(("SYNC_CRASH_POINT", $"{name}:{hit}")));
        (await copy.CountAsync("select count(*) from salesforce_sync.repair where state = 'open'")).ShouldBeGreaterThan(0);
        await copy.StartWorkerAsync();
        await copy.CaughtUpAsync();
        await copy.UntilAsync(
            async () => await copy.CountAsync("select count(*) from salesforce_sync.repair where state = 'open'") == 0
                && await copy.CountAsync("select count(*) from salesforce_sync.coverage where state = 'gap'") == 0
                && await copy.CountAsync("select count(*) from salesforce_sync.read where state in ('waiting', 'reading', 'merging')") == 0,
            "everything is repaired");
        await copy.ShouldEqualTruthAsync();
    }
}
