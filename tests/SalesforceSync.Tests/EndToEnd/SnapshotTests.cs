using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Database;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>What was there before the stream is read once, under it, and the copy is the org.</summary>
public sealed class SnapshotTests
{
    private const string AllRead = "select count(*) = 5 and bool_and(snapshot_at is not null) from salesforce_sync.object";
    private const string NoneOpen = "select count(*) = 0 from salesforce_sync.read where state in ('waiting', 'reading', 'merging')";

    [PostgresFact]
    public async Task What_was_there_before_is_read_once_and_what_changes_meanwhile_comes_by_the_stream()
    {
        await using var copied = await CreateAsync(bulk: new() { PageRows = 50, Duration = TimeSpan.FromSeconds(1) });
        var workload = Work(copied, 1);
        Commit(workload, 300);
        copied.Start();
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.read where state = 'reading'");
        for (var i = 0; i < 20; i++)
        {
            Commit(workload, 5);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
        await ShouldBeCopiedAsync(copied);
        (await copied.ScalarAsync<long>("select count(distinct event_id) - count(*) from salesforce_sync.event")).ShouldBe(0);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.read where state = 'done' and reason = 'start' and rows_merged = rows_expected")).ShouldBe(5);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.touch")).ShouldBe(0);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.seen")).ShouldBe(0);
        await copied.UntilAsync("select state = 'streaming' from salesforce_sync.org");
    }

    [PostgresTheory]
    [InlineData(FaultKind.CutResultPage)]
    [InlineData(FaultKind.ShortResultPage)]
    [InlineData(FaultKind.FailBulkJob)]
    [InlineData(FaultKind.AbortBulkJob)]
    [InlineData(FaultKind.ExpireBulkJob)]
    [InlineData(FaultKind.ExpireLocator)]
    [InlineData(FaultKind.RefuseTooling)]
    [InlineData(FaultKind.RestUnavailable)]
    [InlineData(FaultKind.RestUnauthorized)]
    public async Task A_fault_on_the_way_costs_calls_and_nothing_else(FaultKind fault)
    {
        await using var copied = await CreateAsync(bulk: new() { PageRows = 20 });
        Commit(Work(copied, 2), 200);
        copied.Simulated.Faults.Arm(fault);
        copied.Start();
        await ShouldBeCopiedAsync(copied);
        copied.Simulated.Faults.Fired[fault].ShouldBe(1);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_job_that_fails_again_and_again_is_given_up_with_its_reason_and_the_stream_goes_on()
    {
        await using var copied = await CreateAsync(change: options => options with { Objects = Only("Account") });
        var workload = Work(copied, 3);
        Commit(workload, 50);
        for (var i = 0; i < 4; i++) copied.Simulated.Faults.Arm(FaultKind.FailBulkJob);
        copied.Start();
        await copied.UntilAsync("select state = 'failed' and message like 'given up after 4 tries%' from salesforce_sync.read");
        Commit(workload, 20);
        await copied.CaughtUpAsync();
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.read")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task An_object_that_Bulk_refuses_is_read_page_by_page()
    {
        await using var copied = await CreateAsync(bulk: new() { Refused = ["Invoice__c", "Lead"] });
        Commit(Work(copied, 4), 300);
        copied.Start();
        await ShouldBeCopiedAsync(copied);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.read where job_id = 'rest' and state = 'done'")).ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_wide_object_is_read_by_several_jobs_and_lacks_nothing()
    {
        await using var copied = await CreateAsync(change: options => options with { Objects = Only("Invoice__c") }, bulk: new() { PageRows = 30 });
        for (var i = 0; i < 400; i++)
            copied.Simulated.Org.AddField("Invoice__c", new SimulatedField($"Wide_{i}__c", FieldKind.Text));
        var org = copied.Simulated.Org;
        for (var i = 0; i < 70; i++)
            org.Commit(draft => draft.Create("Invoice__c", Enumerable.Range(0, 400).Where(f => (f + i) % 3 > 0).ToDictionary(f => $"Wide_{f}__c", f => (object?)$"v{f} of {i}")));
        copied.Start();
        await copied.UntilAsync("select bool_and(snapshot_at is not null) from salesforce_sync.object");
        (await copied.ScalarAsync<long>("select count(*) from acme.invoice__c where wide_399__c is not null and not _sync_incomplete")).ShouldBe(46);
        (await copied.ScalarAsync<string>("select wide_2__c from acme.invoice__c order by id limit 1")).ShouldBe("v2 of 0");
        (await copied.ScalarAsync<bool>("select job_id like '%,%' from salesforce_sync.read")).ShouldBeTrue();
        await ShouldBeCopiedAsync(copied, objects: 1);
    }

    [PostgresFact]
    public async Task Choosing_more_later_reads_what_was_passed_over_and_closes_the_gap()
    {
        await using var copied = await CreateAsync(change: options => options with { Objects = Only("Account"), StartFrom = StartFrom.Earliest });
        var workload = Work(copied, 5);
        Commit(workload, 200);
        copied.Start();
        await copied.CaughtUpAsync();
        (await copied.StopAsync()).ShouldBe(0);
        copied.Options = copied.Options with { Objects = ObjectSelection.All };
        copied.Start();
        await copied.UntilAsync("select count(*) > 0 and bool_and(state = 'repaired') from salesforce_sync.coverage where from_event = 0 and state <> 'streamed' and state <> 'snapshot'");
        Commit(workload, 50);
        await ShouldBeCopiedAsync(copied, readings: false);
    }

    [PostgresFact]
    public async Task A_hard_delete_that_nobody_told_of_is_found_by_the_next_reading_and_a_lost_permission_is_none()
    {
        await using var copied = await CreateAsync(change: options => options with { Objects = Only("Contact") });
        var org = copied.Simulated.Org;
        var ids = Enumerable.Range(0, 60).Select(i => Create(copied, "Contact", $"Nobody {i}")).ToList();
        copied.Start();
        await ShouldBeCopiedAsync(copied, objects: 1);
        org.Commit(draft => draft.Purge("Contact", ids[..25]));
        await AskAsync(copied, "Contact");
        (await copied.ScalarAsync<long>("select count(*) from acme.contact where _sync_deleted")).ShouldBe(25);
        await ShouldBeCopiedAsync(copied, objects: 1);
        org.Commit(draft => draft.Purge("Contact", ids[25..50]));
        await AskAsync(copied, "Contact", "failed");
        (await copied.ScalarAsync<long>("select count(*) from acme.contact where _sync_deleted")).ShouldBe(25);
        (await copied.ScalarAsync<string>("select state || ': ' || state_reason from salesforce_sync.object")).ShouldNotBeNull().ShouldStartWith("frozen: 25 of 35 records of Contact");
        await AskAsync(copied, "Contact", reason: "accepted");
        await copied.UntilAsync("select state = 'copied' from salesforce_sync.object");
        await ShouldBeCopiedAsync(copied, objects: 1);
    }

    [PostgresFact]
    public async Task A_position_lost_while_objects_are_read_begins_the_readings_anew_and_the_gap_is_closed_by_them()
    {
        await using var copied = await CreateAsync(bulk: new() { Duration = TimeSpan.FromSeconds(3) });
        var workload = Work(copied, 6);
        Commit(workload, 200);
        copied.Start();
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.read where job_id is not null");
        Commit(workload, 20);
        copied.Simulated.Faults.Arm(FaultKind.VoidReplayIds);
        copied.Simulated.Faults.Arm(FaultKind.CleanEnd);
        Commit(workload, 20);
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.coverage where state in ('gap', 'repaired') and evidence ? 'policy'");
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.read where tries > 1");
        await copied.UntilAsync("select count(*) = 0 from salesforce_sync.coverage where state = 'gap'");
        Commit(workload, 20);
        await ShouldBeCopiedAsync(copied);
    }

    [PostgresFact]
    public async Task A_gap_of_a_very_large_object_is_first_read_from_its_beginning_on_and_stays_open_until_a_proof()
    {
        await using var copied = await CreateAsync(change: options => options with { Objects = Only("Contact") });
        var id = Create(copied, "Contact", "one");
        copied.Start();
        await ShouldBeCopiedAsync(copied, objects: 1);
        await copied.ScalarAsync<int>("update salesforce_sync.object set rows_there = 200000 returning 1");
        copied.Simulated.Org.Commit(draft => draft.Unpublished().Update("Contact", id, new Dictionary<string, object?> { ["Title"] = "missed" }));
        await copied.ScalarAsync<int>("""
            insert into salesforce_sync.coverage (org, object, state, from_event, from_at) values ('acme', 'Contact', 'gap', 0, clock_timestamp() - interval '1 hour') returning 1
            """);
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.read where reason = 'gap' and state = 'done' and not proves and since is not null");
        (await copied.ScalarAsync<string>("select title from acme.contact")).ShouldBe("missed");
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.coverage where state = 'gap'")).ShouldBe(1);
        await copied.UntilAsync(NoneOpen);
    }

    [PostgresFact]
    public async Task A_field_that_comes_while_its_object_is_read_begins_the_reading_anew()
    {
        await using var copied = await CreateAsync(change: options => options with { Objects = Only("Contact") }, bulk: new() { Duration = TimeSpan.FromSeconds(2) });
        for (var i = 0; i < 30; i++) Create(copied, "Contact", $"Nobody {i}");
        copied.Start();
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.read where job_id is not null");
        copied.Simulated.Org.AddField("Contact", new SimulatedField("Later__c", FieldKind.Text));
        Create(copied, "Contact", "with the field", ("Later__c", "here"));
        await ShouldBeCopiedAsync(copied, objects: 1);
        (await copied.ScalarAsync<int>("select tries from salesforce_sync.read")).ShouldBe(2);
        (await copied.ScalarAsync<long>("select count(*) from acme.contact where later__c = 'here'")).ShouldBe(1);
    }

    /// <summary>Who is missing among the rows would be looked for as if it were gone.</summary>
    [PostgresFact]
    public async Task A_reading_of_fewer_rows_than_Salesforce_has_counted_is_begun_anew()
    {
        await using var copied = await CreateAsync(change: options => options with { Objects = Only("Contact") });
        for (var i = 0; i < 30; i++) Create(copied, "Contact", $"Nobody {i}");
        await Migrations.ApplyAsync(copied.Database, NullLogger.Instance, CancellationToken.None);
        // As if each page had said the right number and the last one had said too early that it is the last.
        await copied.ScalarAsync<object>("""
            create function public.count_one_more() returns trigger language plpgsql as $$ begin new.rows_expected := new.rows_expected + 1; return new; end $$;
            create trigger count_one_more before update on salesforce_sync.read for each row
                when (old.rows_expected is null and new.rows_expected is not null and new.tries = 1) execute function public.count_one_more()
            """);
        copied.Start();
        await ShouldBeCopiedAsync(copied, objects: 1);
        (await copied.ScalarAsync<int>("select tries from salesforce_sync.read")).ShouldBe(2);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.read where state = 'done' and rows_merged = rows_expected")).ShouldBe(1);
    }

    private static async Task<CopiedOrg> CreateAsync(Func<OrgOptions, OrgOptions>? change = null, BulkRules? bulk = null) => await CopiedOrg.CreateAsync(
        new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300), Bulk = bulk ?? new() },
        options => (change ?? (o => o))(options with { StartFrom = StartFrom.Snapshot }));

    private static ObjectSelection Only(string name) => new(new Dictionary<string, ObjectOptions> { [name] = new(), ["*"] = new() { Include = false } });

    private static Workload Work(CopiedOrg copied, int seed) => new(copied.Simulated.Org, new WorkloadOptions { Seed = seed, Gaps = false, SchemaChanges = false });

    private static void Commit(Workload workload, int transactions)
    {
        for (var done = 0; done < transactions;) done += workload.Next();
    }

    private static string Create(CopiedOrg copied, string objectName, string name, params (string Field, object? Value)[] more)
    {
        var id = "";
        copied.Simulated.Org.Commit(draft => id = draft.BegunEarlier(TimeSpan.FromMinutes(1)).Create(objectName, more.Prepend(("LastName", name)).ToDictionary(v => v.Item1, v => v.Item2)));
        return id;
    }

    private static async Task AskAsync(CopiedOrg copied, string objectName, string ends = "done", string reason = "asked")
    {
        var id = await copied.ScalarAsync<long>($"""
            insert into salesforce_sync.read (org, object, channel, kind, reason, proves) values ('acme', '{objectName}', '/data/ChangeEvents', 'snapshot', '{reason}', true) returning id
            """);
        await copied.UntilAsync($"select state = '{ends}' from salesforce_sync.read where id = {id}");
    }

    private static async Task ShouldBeCopiedAsync(CopiedOrg copied, int objects = 5, bool readings = true)
    {
        if (readings) await copied.UntilAsync(AllRead.Replace("5", $"{objects}", StringComparison.Ordinal));
        await copied.UntilAsync(NoneOpen);
        // An org where nothing happened since we came has no event to wait for.
        if (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.event") > 0) await copied.CaughtUpAsync();
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }
}
