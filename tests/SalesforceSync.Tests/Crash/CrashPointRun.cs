using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Crash;

/// <summary>A worker dies by itself at a named place, another one goes on, and the copy is compared with the org.</summary>
internal static class CrashPointRun
{
    /// <summary>The life that comes past the place.</summary>
    public static Task LiveAsync(string name, int hit, int seed)
    {
        if (SnapshotKillTests.Points.Any(p => (string)p[0] == name)) return WhileReadingAsync(name, hit, seed);
        return SnapshotKillTests.RepairPoints.Any(p => (string)p[0] == name) ? WhileRepairingAsync(name, hit, seed) : WhileStreamingAsync(name, hit, seed);
    }

    public static async Task WhileStreamingAsync(string name, int hit, int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 100 });
        copy.Load.Commit(400);
        await copy.DieAsync(await copy.StartWorkerAsync(("SYNC_CRASH_POINT", $"{name}:{hit}")));
        copy.Load.Commit(100);
        await copy.StartWorkerAsync();
        copy.Load.Commit(100);
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();
    }

    public static async Task WhileReadingAsync(string name, int hit, int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(
            new() { Seed = seed, MaxRecordsPerObject = 60, Gaps = false, SchemaChanges = false },
            new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300), Bulk = new BulkRules { PageRows = 20 } });
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

    public static async Task WhileRepairingAsync(string name, int hit, int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(
            new() { Seed = seed, MaxRecordsPerObject = 60, Gaps = true, SchemaChanges = false }, new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) });
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
