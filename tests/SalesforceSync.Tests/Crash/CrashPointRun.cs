using Dapper;
using SalesforceSync.Rebuild;
using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Tests.Crash;

/// <summary>Workers die by themselves at named places, one after the other, a last one goes on, and the copy is compared with the org.</summary>
internal static class CrashPointRun
{
    private static readonly SimulatorSettings Talkative = new() { Keepalive = TimeSpan.FromMilliseconds(300) };

    public static Task LiveAsync(IReadOnlyList<Death> deaths, CrashLife life, int seed) => life switch
    {
        CrashLife.Streaming => WhileStreamingAsync(deaths, seed),
        CrashLife.Losing => WhileLosingAsync(deaths, seed),
        CrashLife.Reading => WhileReadingAsync(deaths, seed),
        CrashLife.Repairing => WhileRepairingAsync(deaths, seed),
        CrashLife.Sweeping => WhileSweepingAsync(deaths, seed),
        CrashLife.Keeping => WhileKeepingAsync(deaths, seed),
        _ => WhileRebuildingAsync(deaths, seed),
    };

    private static async Task WhileStreamingAsync(IReadOnlyList<Death> deaths, int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 100 }, isEmpty: true);
        copy.Load.Commit(400);
        await DieAsync(copy, deaths);
        copy.Load.Commit(100);
        await copy.StartWorkerAsync();
        copy.Load.Commit(100);
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();
    }

    private static async Task WhileLosingAsync(IReadOnlyList<Death> deaths, int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 60, Gaps = false, SchemaChanges = false }, Talkative);
        copy.Load.Commit(100);
        var worker = await copy.StartWorkerAsync();
        await copy.CaughtUpAsync();
        await worker.KillAsync();
        copy.Simulated.Org.Bus.VoidPositions();
        copy.Load.Commit(20);
        await DieAsync(copy, deaths);
        await copy.StartWorkerAsync();
        copy.Load.Commit(20);
        await copy.RepairedAsync();
        await copy.ShouldEqualTruthAsync();
        (await copy.CountAsync("select count(*) from salesforce_sync.coverage where state = 'repaired'")).ShouldBe(1);
    }

    private static async Task WhileReadingAsync(IReadOnlyList<Death> deaths, int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(
            new() { Seed = seed, MaxRecordsPerObject = 60, Gaps = false, SchemaChanges = false }, Talkative with { Bulk = new BulkRules { PageRows = 20 } });
        copy.Load.Commit(300);
        (string, string) snapshot = ("Orgs__acme__StartFrom", "Snapshot");
        await DieAsync(copy, deaths, snapshot);
        copy.Load.Commit(20);
        await copy.StartWorkerAsync(snapshot);
        await copy.UntilAsync(
            async () => await copy.CountAsync("select count(*) from salesforce_sync.object where snapshot_at is not null") == 5
                && await copy.CountAsync("select count(*) from salesforce_sync.read where state in ('waiting', 'reading', 'merging')") == 0,
            "all objects are read");
        copy.Load.Commit(20);
        await copy.RepairedAsync();
        await copy.ShouldEqualTruthAsync();
        // One job for each object, but for those that a worker has made and did not live to remember: one in each of its lanes.
        copy.Simulated.Counts.RestByKind[CallKind.BulkCreate].ShouldBeLessThanOrEqualTo(5 + deaths.Count * SnapshotLoop.Lanes);
        (await copy.CountAsync("select max(tries) from salesforce_sync.read where kind = 'snapshot'")).ShouldBe(1);
    }

    private static async Task WhileRepairingAsync(IReadOnlyList<Death> deaths, int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 60, Gaps = true, SchemaChanges = false }, Talkative);
        copy.Load.Commit(100);
        await DieAsync(copy, deaths);
        await copy.StartWorkerAsync();
        await copy.RepairedAsync();
        await copy.ShouldEqualTruthAsync();
        (await copy.CountAsync("select count(*) from salesforce_sync.repair where state = 'done'")).ShouldBeGreaterThan(0);
    }

    private static async Task WhileSweepingAsync(IReadOnlyList<Death> deaths, int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 60, Gaps = false, SchemaChanges = false }, Talkative);
        copy.Load.Commit(200);
        var (account, lead) = ("", "");
        copy.Simulated.Org.Commit(draft => account = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "goes" }));
        copy.Simulated.Org.Commit(draft => lead = draft.Create("Lead", new Dictionary<string, object?> { ["LastName"] = "goes" }));
        var worker = await copy.StartWorkerAsync();
        await copy.RepairedAsync();
        // Objects are found beside the stream: events may all be applied before the first of them is noted.
        await copy.UntilAsync(async () => await copy.CountAsync("select count(*) from salesforce_sync.object where state = 'copied'") == 5, "all objects are noted");
        await worker.KillAsync();
        // Hard deletes of which no event tells.
        copy.Simulated.Org.Commit(draft => draft.Purge("Account", account).Purge("Lead", lead));
        await using (var connection = await copy.Source.OpenConnectionAsync())
        {
            // As `verify` asks.
            await connection.ExecuteAsync("""
                insert into salesforce_sync.read (org, object, channel, kind, reason, proves)
                select org, object, channel, 'sweep', 'verify', true from salesforce_sync.object where state = 'copied'
                """);
        }
        await DieAsync(copy, deaths);
        await copy.StartWorkerAsync();
        await copy.RepairedAsync();
        await copy.ShouldEqualTruthAsync();
        (await copy.CountAsync("select count(*) from salesforce_sync.read where kind = 'sweep' and state = 'done'")).ShouldBe(5);
        (await copy.CountAsync("select sum(absent)::bigint from salesforce_sync.sweep")).ShouldBe(2);
    }

    private static async Task WhileKeepingAsync(IReadOnlyList<Death> deaths, int seed)
    {
        const string Kept = "select count(*) from salesforce_sync.image where at > now() - interval '1 day' and \"table\" is not null";
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 60, Gaps = false, SchemaChanges = false }, Talkative);
        copy.Load.Commit(200);
        var worker = await copy.StartWorkerAsync();
        await copy.UntilAsync(async () => await copy.CountAsync(Kept) == 5, "copies are kept");
        await worker.KillAsync();
        foreach (var death in deaths)
        {
            await using (var connection = await copy.Source.OpenConnectionAsync())
            {
                // Older than events are kept: all are due again.
                await connection.ExecuteAsync("update salesforce_sync.image set at = at - interval '30 days'");
            }
            await DieAsync(copy, [death]);
        }
        await copy.StartWorkerAsync();
        await copy.UntilAsync(async () => await copy.CountAsync(Kept) == 5, "copies are kept again");
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();
        (await copy.CountAsync($"select count(*) from pg_tables where schemaname = '{ShadowTable.ImageSchema}'")).ShouldBe(5, "what the dead had begun is left");
        var compared = await copy.StartCommandAsync(["rebuild", "--all", "--compare"]);
        (await compared.EndedAsync()).ShouldBe(0, compared.ToString());
    }

    private static async Task WhileRebuildingAsync(IReadOnlyList<Death> deaths, int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 60, Gaps = false, SchemaChanges = false }, Talkative);
        copy.Load.Commit(200);
        await copy.StartWorkerAsync();
        // A copy is taken before anything is damaged: what it holds is what is made again.
        await copy.UntilAsync(async () => await copy.CountAsync("""select count(*) from salesforce_sync.image where object = 'Account' and "table" is not null""") == 1, "a copy is kept");
        foreach (var death in deaths.Append(null))
        {
            await using (var connection = await copy.Source.OpenConnectionAsync())
            {
                await connection.ExecuteAsync("""
                    update acme.account set name = 'damaged' where id in (select id from acme.account order by id limit 7);
                    delete from acme.account where id in (select id from acme.account order by id desc limit 3)
                    """);
            }
            copy.Load.Commit(20);
            var rebuild = await copy.StartCommandAsync(["rebuild", "--object", "Account"], death is null ? [] : [("SYNC_CRASH_POINT", $"{death.Name}:{death.Hit}")]);
            (await rebuild.EndedAsync()).ShouldBe(death is null ? 0 : WorkerProcess.Killed, $"{death?.Name}\n{rebuild}");
        }
        await copy.RepairedAsync();
        await copy.ShouldEqualTruthAsync();
        (await copy.CountAsync("select count(*) from pg_class where relnamespace = 'salesforce_sync_shadow'::regnamespace")).ShouldBe(0);
    }

    private static async Task DieAsync(WatchedCopy copy, IReadOnlyList<Death> deaths, params (string Name, string Value)[] more)
    {
        foreach (var (name, hit) in deaths)
        {
            try
            {
                await copy.DieAsync(await copy.StartWorkerAsync([.. more, ("SYNC_CRASH_POINT", $"{name}:{hit}")]));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"{name}: {failure.Message}", failure);
            }
        }
    }
}
