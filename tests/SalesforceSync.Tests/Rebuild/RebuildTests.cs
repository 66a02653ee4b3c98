using Dapper;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Rebuild;
using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Rebuild;

/// <summary>A table made again from what is kept is the table, whatever came.</summary>
public sealed class RebuildTests
{
    [PostgresTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_the_stream_brought_the_table_made_again_is_the_one_there_is(int seed)
    {
        await using var copied = await CopiedOrg.CreateAsync(new() { Keepalive = TimeSpan.FromMilliseconds(300) });
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = seed, MaxRecordsPerObject = 40 });
        copied.Start();
        Commit(workload, 150);
        await copied.CaughtUpAsync();
        (await copied.StopAsync()).ShouldBe(0);
        copied.Start();
        Commit(workload, 150);
        await copied.CaughtUpAsync();
        await SettledAsync(copied);
        (await copied.StopAsync()).ShouldBe(0);
        // From the first event on, but for objects that were read whole: what copies were kept meanwhile is not used.
        await ExecuteAsync(copied, "delete from salesforce_sync.image i where not exists (select from salesforce_sync.read r where r.object = i.object and r.kind in ('snapshot', 'fill'))");
        var events = 0L;
        foreach (var name in await ObjectsAsync(copied))
        {
            var outcome = await Rebuild(copied).RunAsync(name, writes: false, confirmed: false, CancellationToken.None);
            (outcome.Differing, outcome.Columns).ShouldBe((0, 0), $"{outcome}");
            outcome.Rows.ShouldBe(await copied.ScalarAsync<long>($"select count(*) from acme.{name}"));
            events += outcome.Events;
        }
        events.ShouldBeGreaterThan(50);
        (await copied.ScalarAsync<long>("select count(*) from pg_class where relnamespace = 'salesforce_sync_shadow'::regnamespace")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_damaged_table_is_made_whole_beside_the_running_worker_and_stays_the_same_table()
    {
        await using var copied = await CopiedOrg.CreateAsync(
            new() { Keepalive = TimeSpan.FromMilliseconds(300), Bulk = new BulkRules { PageRows = 50 } }, options => options with { StartFrom = StartFrom.Snapshot });
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = 4, Gaps = false, MaxRecordsPerObject = 60, SchemaChanges = false });
        Commit(workload, 200);
        copied.Start();
        await copied.UntilAsync("select count(*) = 5 and bool_and(snapshot_at is not null) from salesforce_sync.object");
        await copied.UntilAsync("select count(*) = 5 and min(number) > 0 from salesforce_sync.image");
        await SettledAsync(copied);
        Commit(workload, 40);
        await copied.CaughtUpAsync();
        await ExecuteAsync(copied, """
            create view acme.names as select id, name from acme.account;
            update acme.account set name = 'damaged', _sync_event = 0 where id in (select id from acme.account order by id limit 7);
            delete from acme.account where id in (select id from acme.account order by id desc limit 5);
            insert into acme.account (id, name) values ('001000000000000AAA', 'never was');
            alter table acme.contact drop column lastname cascade
            """);
        var busy = true;
        async Task WorkAsync()
        {
            while (Volatile.Read(ref busy))
            {
                Commit(workload, 2);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }
        }
        var work = WorkAsync();
        using var scratch = ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", copied.Database);
        var run = await CommandRun.OfAsync(scratch, "rebuild", "--object", "account", "--json");
        run.ExitCode.ShouldBe(0, run.Error);
        var account = run.Json.GetProperty("objects")[0];
        (account.GetProperty("object").GetString(), account.GetProperty("written").GetBoolean()).ShouldBe(("Account", true));
        account.GetProperty("differing").GetInt64().ShouldBeInRange(6, 13);
        account.GetProperty("extra").GetInt64().ShouldBe(1);
        account.GetProperty("base").GetInt64().ShouldBeGreaterThan(0);
        // A reading that fills the column that went may be under way: then it says so, and has to be asked again.
        for (var tries = 0; (run = await CommandRun.OfAsync(scratch, "rebuild", "--all")).ExitCode != 0 && run.Error.Contains("try again", StringComparison.Ordinal) && tries < 20; tries++)
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None);
        run.ExitCode.ShouldBe(0, run.Error);
        Volatile.Write(ref busy, false);
        await work;
        Commit(workload, 20);
        await copied.CaughtUpAsync();
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        (await copied.ScalarAsync<long>("select count(*) from acme.names where name = 'damaged'")).ShouldBe(0);
        (await CommandRun.OfAsync(scratch, "rebuild", "--all", "--compare")).Out.ShouldContain("Account\t");
    }

    [PostgresFact]
    public async Task Rows_that_somebody_removed_and_a_reading_brought_again_are_made_again_as_they_were_read()
    {
        await using var copied = await CopiedOrg.CreateAsync(new() { Keepalive = TimeSpan.FromMilliseconds(300) });
        var (told, read) = ("", "");
        copied.Simulated.Org.Commit(draft => told = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "told", ["Site"] = "there" }));
        copied.Simulated.Org.Commit(draft => read = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "read", ["Site"] = "there" }));
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.image where object = 'Account' and \"table\" is not null");
        await ExecuteAsync(copied, "delete from acme.account");
        var without = new Dictionary<string, object?> { ["Site"] = null };
        // One comes again by a fetch alone, the other as what an event tells of it and a fetch of the rest.
        copied.Simulated.Org.Commit(draft => draft.GapUpdate("Account", read, without, foreignKey: false));
        copied.Simulated.Org.Commit(draft => draft.Unpublished().Update("Account", told, without).Published()
            .Update("Account", told, new Dictionary<string, object?> { ["Name"] = "told again" }));
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) = 2 and bool_and(not _sync_incomplete and _sync_source <> 'cdc') from acme.account");
        (await copied.StopAsync()).ShouldBe(0);
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        var outcome = await Rebuild(copied).RunAsync("Account", writes: true, confirmed: false, CancellationToken.None);
        (outcome.Differing, outcome.Columns, outcome.Patches).ShouldBe((0, 0, 2), $"{outcome}");
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresFact]
    public async Task The_life_of_a_record_is_told_by_the_database()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        var id = "";
        copied.Simulated.Org.Commit(draft => id = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "A secret name" }));
        copied.Simulated.Org.Commit(draft => draft.Update("Account", id, new Dictionary<string, object?> { ["Site"] = "there" }));
        copied.Start();
        await copied.CaughtUpAsync();
        using var scratch = ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", copied.Database);
        var run = await CommandRun.OfAsync(scratch, "explain", id[..15], "--json");
        run.ExitCode.ShouldBe(0, run.Error);
        run.Json.GetProperty("object").GetString().ShouldBe("Account");
        var events = run.Json.GetProperty("entries").EnumerateArray().Where(e => e.GetProperty("what").GetString() == "event").Select(e => e.GetProperty("details")).ToList();
        events.Select(e => e.GetProperty("change").GetString()).ShouldBe(["CREATE", "UPDATE"]);
        events.Select(e => e.GetProperty("applied as").GetString()).ShouldBe(["1", "2"]);
        events[1].GetProperty("fields").GetString().ShouldNotBeNull().ShouldContain("Site");
        run.Json.GetProperty("entries").EnumerateArray().Last().GetProperty("what").GetString().ShouldBe("row");
        run.Out.ShouldNotContain("secret");
        (await CommandRun.OfAsync(scratch, "explain", id, "--values")).Out.ShouldContain("A secret name");
        (await CommandRun.OfAsync(scratch, "explain", "001000000000009AAA")).ExitCode.ShouldBe(1);
        (await CommandRun.OfAsync(scratch, "explain", "no id")).ExitCode.ShouldBe(2);
    }

    [PostgresFact]
    public async Task What_cannot_be_made_again_is_refused_and_stays_as_it_is()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        copied.Start();
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = 5, MaxRecordsPerObject = 30, Gaps = false, SchemaChanges = false });
        Commit(workload, 60);
        await copied.CaughtUpAsync();
        (await copied.StopAsync()).ShouldBe(0);
        await ExecuteAsync(copied, "delete from salesforce_sync.image; update acme.account set name = 'damaged'");
        using var scratch = ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", copied.Database);
        (await CommandRun.OfAsync(scratch, "rebuild")).ExitCode.ShouldBe(2);
        (await CommandRun.OfAsync(scratch, "rebuild", "--object", "Nothing")).ExitCode.ShouldBe(2);
        var middle = await copied.ScalarAsync<long>("select event from salesforce_sync.event where event in (select unnest(events) from salesforce_sync.input) order by event limit 1 offset 20");
        await ExecuteAsync(copied, $"create table kept as select * from salesforce_sync.event where event = {middle}; delete from salesforce_sync.event where event = {middle}");
        var refused = await CommandRun.OfAsync(scratch, "rebuild", "--object", "Account");
        (refused.ExitCode, refused.Error.Contains("are gone", StringComparison.Ordinal)).ShouldBe((1, true), refused.Error);
        await ExecuteAsync(copied, $"insert into salesforce_sync.event select * from kept; create table input as select * from salesforce_sync.input where first in (select first from salesforce_sync.input order by first limit 1); delete from salesforce_sync.input where first in (select first from input)");
        refused = await CommandRun.OfAsync(scratch, "rebuild", "--object", "Account");
        (refused.ExitCode, refused.Error.Contains("are not kept", StringComparison.Ordinal)).ShouldBe((1, true), refused.Error);
        (await copied.ScalarAsync<long>("select count(*) from acme.account where name <> 'damaged'")).ShouldBe(0);
        await ExecuteAsync(copied, "insert into salesforce_sync.input select * from input");
        (await CommandRun.OfAsync(scratch, "rebuild", "--object", "Account", "--compare")).ExitCode.ShouldBe(0);
        (await copied.ScalarAsync<long>("select count(*) from acme.account where name <> 'damaged'")).ShouldBe(0);
        (await CommandRun.OfAsync(scratch, "rebuild", "--object", "Account")).ExitCode.ShouldBe(0);
        await copied.ShouldEqualTruthAsync();
    }

    /// <summary>Nothing is being read whole, and of what was a copy is kept.</summary>
    private static Task SettledAsync(CopiedOrg copied) => copied.UntilAsync("""
        select not exists (
            select from salesforce_sync.read r left join salesforce_sync.image i on i.object = r.object
            where r.kind in ('snapshot', 'fill') and (r.closed_at is null or i.at is null or r.closed_at > i.at))
        """);

    private static TableRebuild Rebuild(CopiedOrg copied) => new(
        SalesforceSync.Database.Postgres.Open(copied.Database, "rebuild"), "acme", "acme", name => ObjectRule.Of(copied.Options, name), TimeProvider.System);

    private static async Task<IReadOnlyList<string>> ObjectsAsync(CopiedOrg copied)
    {
        await using var connection = await copied.Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>("select distinct object from salesforce_sync.field order by 1")];
    }

    private static async Task ExecuteAsync(CopiedOrg copied, string sql)
    {
        await using var connection = await copied.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    private static void Commit(Workload workload, int transactions)
    {
        for (var done = 0; done < transactions;) done += workload.Next();
    }
}
