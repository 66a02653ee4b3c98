using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Sweep;

public class SweepTests
{
    [PostgresFact]
    public async Task Equal_tables_are_proven_with_one_call()
    {
        await using var swept = await SweptOrg.StartAsync();
        await swept.AccountsAsync(30);
        (await swept.VerifyAsync()).ExitCode.ShouldBe(0, swept.Copied.Log.ToString());
        var before = swept.Copied.Simulated.Counts.Rest;
        var (code, account, _) = await swept.VerifyAsync();
        code.ShouldBe(0, swept.Copied.Log.ToString());
        (account.GetProperty("rowsHere").GetInt64(), account.GetProperty("rowsThere").GetInt64(), account.GetProperty("differing").GetInt64()).ShouldBe((30, 30, 0));
        account.GetProperty("provenAt").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        (swept.Copied.Simulated.Counts.Rest - before).ShouldBe(1);
        account.GetProperty("calls").GetInt64().ShouldBe(1);
        (await swept.Copied.ScalarAsync<bool>("select swept_at is not null and proven_at is not null from salesforce_sync.object where object = 'Account'")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Records_deleted_without_an_event_are_found()
    {
        await using var swept = await SweptOrg.StartAsync();
        var ids = await swept.AccountsAsync(30);
        swept.Org.Commit(draft => draft.Purge("Account", ids[3], ids[4]).Unpublished().Delete("Account", ids[5]));
        var (code, account, _) = await swept.VerifyAsync();
        code.ShouldBe(0, swept.Copied.Log.ToString());
        (account.GetProperty("differing").GetInt64(), account.GetProperty("repaired").GetInt64()).ShouldBe((3, 3));
        (await swept.Copied.ScalarAsync<long>("select count(*) from acme.account where _sync_deleted")).ShouldBe(3);
        await swept.Copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresFact]
    public async Task Changes_whose_events_were_never_delivered_are_fetched()
    {
        await using var swept = await SweptOrg.StartAsync();
        var ids = await swept.AccountsAsync(30);
        swept.Org.Commit(draft => draft.Delete("Account", ids[8]));
        await swept.Copied.CaughtUpAsync();
        swept.Org.Commit(draft =>
        {
            draft.Unpublished().Update("Account", ids[3], new Dictionary<string, object?> { ["Phone"] = "2" }).Undelete("Account", ids[8]);
            draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "unheard of" });
        });
        var (code, account, _) = await swept.VerifyAsync();
        code.ShouldBe(0, swept.Copied.Log.ToString());
        (account.GetProperty("differing").GetInt64(), account.GetProperty("repaired").GetInt64()).ShouldBe((3, 3));
        // One page of the comparison, one retrieve of the three records.
        account.GetProperty("calls").GetInt64().ShouldBeLessThanOrEqualTo(3);
        await swept.Copied.ShouldEqualTruthAsync(new() { Repaired = true });
        await swept.Copied.UntilAsync("select swept_at is not null and proven_at is not null from salesforce_sync.object where object = 'Account'");
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_scheduled_run_that_was_missed_is_made_up_for_once()
    {
        await using var swept = await SweptOrg.StartAsync(change: o => o with { Sweep = SalesforceSync.Configuration.CronSchedule.TryParse("30 2 * * *", out _) });
        await swept.AccountsAsync(5);
        await swept.Copied.UntilAsync("select sweep_asked_at is not null from salesforce_sync.object where object = 'Account'");
        (await swept.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.read")).ShouldBe(0);
        await swept.Copied.ScalarAsync<int>("update salesforce_sync.object set rows_there = 5, sweep_asked_at = sweep_asked_at - interval '3 days' returning 1");
        await swept.Copied.UntilAsync("select swept_at is not null from salesforce_sync.object where object = 'Account'");
        (await swept.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.read where kind = 'sweep' and reason = 'scheduled'")).ShouldBe(1);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task Half_of_an_object_gone_at_once_is_believed_by_nobody()
    {
        await using var swept = await SweptOrg.StartAsync();
        var ids = await swept.AccountsAsync(40);
        swept.Org.Commit(draft => draft.Purge("Account", [.. ids.Take(30)]));
        var (code, account, _) = await swept.VerifyAsync();
        code.ShouldBe(3);
        account.GetProperty("message").GetString()!.ShouldContain("30 of 40 records of Account are not shown any more");
        (await swept.Copied.ScalarAsync<long>("select count(*) from acme.account where _sync_deleted")).ShouldBe(0);
        (await swept.Copied.ScalarAsync<string>("select state from salesforce_sync.object where object = 'Account'")).ShouldBe("frozen");
        (await swept.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.known_gaps where object = 'Account' and what in ('gap', 'frozen')")).ShouldBe(2);
        await swept.Copied.UntilAsync("select state = 'degraded' from salesforce_sync.org");
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task The_last_few_of_an_object_are_believed_to_be_gone()
    {
        await using var swept = await SweptOrg.StartAsync();
        var ids = await swept.AccountsAsync(20);
        swept.Org.Commit(draft => draft.Purge("Account", [.. ids]));
        var (code, account, _) = await swept.VerifyAsync();
        code.ShouldBe(0, swept.Copied.Log.ToString());
        account.GetProperty("calls").GetInt64().ShouldBe(4, "the fields, the comparison, the question for the twenty, and the describe that shows the permission");
        (await swept.Copied.ScalarAsync<long>("select count(*) from acme.account where _sync_deleted")).ShouldBe(20);
        await swept.Copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_record_whose_last_event_is_as_young_as_the_reading_is_fetched_before_it_is_gone()
    {
        await using var swept = await SweptOrg.StartAsync();
        var ids = await swept.AccountsAsync(30);
        // Its commit is stamped three seconds later than it comes: a busy machine takes some until it reads.
        swept.Org.Commit(draft => draft.BegunEarlier(TimeSpan.FromSeconds(-3)).Update("Account", ids[3], new Dictionary<string, object?> { ["Phone"] = "2" }));
        await swept.Copied.CaughtUpAsync();
        swept.Org.Commit(draft => draft.Purge("Account", ids[3], ids[4]));
        await swept.VerifyAsync();
        (await swept.Copied.ScalarAsync<string>("select string_agg(record_id || ' ' || reason, ', ') from salesforce_sync.repair")).ShouldBe($"{ids[3]} sweep");
        await swept.Copied.UntilAsync("select count(*) = 2 from acme.account where _sync_deleted");
        await swept.Copied.UntilAsync("select count(*) = 0 from salesforce_sync.known_gaps");
        await swept.Copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresFact]
    public async Task A_large_object_is_compared_by_a_bulk_job_for_two_calls()
    {
        await using var swept = await SweptOrg.StartAsync();
        var ids = await swept.AccountsAsync(30);
        await swept.VerifyAsync();
        swept.Org.Commit(draft => draft.Purge("Account", ids[3]));
        await swept.Copied.ScalarAsync<int>("update salesforce_sync.object set rows_there = 5000 where object = 'Account' returning 1");
        var before = swept.Copied.Simulated.Counts.Rest;
        var (code, account, _) = await swept.VerifyAsync();
        code.ShouldBe(0, swept.Copied.Log.ToString());
        (account.GetProperty("differing").GetInt64(), account.GetProperty("rowsThere").GetInt64()).ShouldBe((1, 29));
        // A third one asked for the record that was not seen.
        (swept.Copied.Simulated.Counts.Rest - before).ShouldBe(3, string.Join(", ", swept.Copied.Simulated.Counts.RestByKind));
        await swept.Copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_comparison_of_every_field_says_how_many_values_of_which_columns_differed()
    {
        await using var swept = await SweptOrg.StartAsync();
        var ids = await swept.AccountsAsync(30);
        swept.Org.Commit(draft =>
        {
            draft.Unpublished().Unstamped().Update("Account", ids.Take(3).ToList(), new Dictionary<string, object?> { ["Phone"] = "2" });
            draft.Update("Account", ids[0], new Dictionary<string, object?> { ["Site"] = "elsewhere" }).Purge("Account", ids[9]);
            draft.Stamped().Create("Account", new Dictionary<string, object?> { ["Name"] = "unheard of" });
        });
        var (code, account, _) = await swept.VerifyAsync("--deep");
        code.ShouldBe(0, swept.Copied.Log.ToString());
        account.GetProperty("columns").ToString().ShouldBe("""{"lastmodifiedbyid":3,"lastmodifieddate":3,"phone":3,"site":1}""");
        (account.GetProperty("differing").GetInt64(), account.GetProperty("repaired").GetInt64()).ShouldBe((5, 5));
        (account.GetProperty("rowsHere").GetInt64(), account.GetProperty("rowsThere").GetInt64()).ShouldBe((30, 30));
        await swept.Copied.ShouldEqualTruthAsync(new() { Repaired = true });

        // Bulk writes 472.0 where the event says 472: no other number.
        swept.Org.Commit(draft => draft.Update("Account", ids[20], new Dictionary<string, object?> { ["NumberofLocations__c"] = 472d }));
        var again = (await swept.VerifyAsync("--deep")).Object;
        (again.GetProperty("differing").GetInt64(), again.GetProperty("columns").ToString()).ShouldBe((0, "{}"));
    }

    [PostgresFact]
    public async Task A_hidden_field_freezes_the_object_and_a_snapshot_closes_the_gap_when_it_is_back()
    {
        await using var swept = await SweptOrg.StartAsync();
        var ids = await swept.AccountsAsync(10);
        (await swept.VerifyAsync()).ExitCode.ShouldBe(0);
        var proven = await swept.Copied.ScalarAsync<DateTime>("select proven_at from salesforce_sync.object where object = 'Account'");
        swept.Org.Access.Show("Account", "Phone", shown: false);
        var (code, account, _) = await swept.VerifyAsync();
        code.ShouldBe(3);
        account.GetProperty("message").GetString().ShouldBe("not visible: Phone");
        (await swept.Copied.ScalarAsync<DateTime>("select min(since) from salesforce_sync.known_gaps where object = 'Account' and what = 'gap'")).ShouldBe(proven);
        (await swept.Copied.ScalarAsync<long>("select count(*) from acme.account where phone is null")).ShouldBe(0);
        // Asked by hand it is looked at again, and a reading of everything would show no more.
        (await swept.VerifyAsync()).ExitCode.ShouldBe(3);
        (await swept.VerifyAsync("--deep")).Object.GetProperty("message").GetString().ShouldBe("not visible: Phone");
        (await swept.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.read where kind = 'snapshot' and state <> 'failed'")).ShouldBe(0);

        swept.Org.Access.Show("Account", "Phone", shown: true);
        swept.Org.Commit(draft => draft.Unpublished().Update("Account", ids[0], new Dictionary<string, object?> { ["Phone"] = "2" }));
        await swept.VerifyAsync();
        await swept.Copied.UntilAsync("select state = 'copied' from salesforce_sync.object where object = 'Account'");
        await swept.Copied.UntilAsync("select count(*) = 0 from salesforce_sync.known_gaps");
        (await swept.Copied.ScalarAsync<string>($"select phone from acme.account where id = '{ids[0]}'")).ShouldBe("2");
        await swept.Copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresFact]
    public async Task Without_a_worker_verify_says_so()
    {
        await using var swept = await SweptOrg.StartAsync();
        await swept.AccountsAsync(5);
        await swept.Copied.StopAsync();
        var (code, _, error) = await RefusedAsync(swept);
        code.ShouldBe(1);
        error.ShouldContain("no worker runs that could compare");
    }

    private static async Task<(int ExitCode, string Out, string Error)> RefusedAsync(SweptOrg swept)
    {
        using var scratch = new SalesforceSync.Tests.Configuration.ScratchConfiguration().Variable("ConnectionStrings__Postgres", swept.Copied.Database);
        await swept.Copied.ScalarAsync<int>("update salesforce_sync.lease set until = '-infinity' returning 1");
        var run = await SalesforceSync.Tests.Cli.CommandRun.OfAsync(scratch, "verify", "--all");
        return (run.ExitCode, run.Out, run.Error);
    }
}
