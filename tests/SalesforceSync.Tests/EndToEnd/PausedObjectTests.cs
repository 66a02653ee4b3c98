using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary><c>pause --object</c> and <c>resume --object</c> beside a worker.</summary>
public sealed class PausedObjectTests
{
    [PostgresFact]
    public async Task A_paused_object_is_passed_over_under_any_policy_and_read_whole_when_it_is_resumed()
    {
        await using var copied = await CopiedOrg.CreateAsync(PauseTests.Quick);
        using var scratch = copied.Scratch();
        var org = copied.Simulated.Org;
        var account = PauseTests.Accounts(org, 1)[0];
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.object where object = 'Account'");

        var paused = await CommandRun.OfAsync(scratch, "pause", "--object", "account", "--json");
        (paused.ExitCode, paused.Json.GetProperty("paused").GetBoolean()).ShouldBe((0, true), paused.Error);
        void Change(string site) => org.Commit(draft =>
        {
            draft.Update("Account", account, new Dictionary<string, object?> { ["Site"] = site });
            draft.Create("Contact", new Dictionary<string, object?> { ["LastName"] = site });
        });
        Change("one");
        await copied.CaughtUpAsync();
        // Neither the next worker nor a policy that takes every change makes it go on.
        await copied.StopAsync();
        copied.Start();
        Change("two");
        await copied.CaughtUpAsync();
        (await copied.ScalarAsync<long>("select count(*) from acme.contact where lastname in ('one', 'two')")).ShouldBe(2);
        (await copied.ScalarAsync<string?>("select site from acme.account")).ShouldBeNull();
        (await copied.ScalarAsync<string>("select string_agg(what, ',' order by what) from salesforce_sync.known_gaps where object = 'Account' and what in ('gap', 'paused')")).ShouldBe("gap,paused");
        (await copied.ScalarAsync<bool>("""
            select from_event = 1 and from_at < clock_timestamp() - interval '25 minutes' from salesforce_sync.coverage where evidence ->> 'reason' = 'paused'
            """)).ShouldBeTrue();
        (await CommandRun.OfAsync(scratch, "rebuild", "--object", "Account")).Error.ShouldContain("is paused, or was");

        (await CommandRun.OfAsync(scratch, "resume", "--object", "Account")).ExitCode.ShouldBe(0);
        await copied.UntilAsync("select count(*) = 0 from salesforce_sync.known_gaps where object = 'Account'");
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        Change("three");
        await copied.CaughtUpAsync();
        (await copied.ScalarAsync<string?>("select site from acme.account")).ShouldBe("three");
    }

    [PostgresFact]
    public async Task A_change_of_fields_that_its_policy_stops_is_let_in_by_a_resume_of_that_and_by_no_other()
    {
        await using var copied = await CopiedOrg.CreateAsync(PauseTests.Quick, options => options with { SchemaChanges = SchemaChanges.Pause });
        using var scratch = copied.Scratch();
        var org = copied.Simulated.Org;
        var account = PauseTests.Accounts(org, 1)[0];
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.object where object = 'Account'");
        void Flag(string flag) => org.Commit(draft => draft.Update("Account", account, new Dictionary<string, object?> { ["Flag__c"] = flag }));
        Task ResumeAsync() => CommandRun.OfAsync(scratch, "resume", "--object", "Account");

        await CommandRun.OfAsync(scratch, "pause", "--object", "Account");
        org.Setup.AddField("Account", new SimulatedField("Flag__c", FieldKind.Text) { FieldId = "00N00000000000A" }, existing: "old");
        Flag("unseen");
        await copied.CaughtUpAsync();
        await ResumeAsync();
        Flag("stopped");
        await copied.UntilAsync("select state = 'paused' and state_reason = 'schema_changed' and not accepts from salesforce_sync.object where object = 'Account'");
        await ResumeAsync();
        Flag("let in");
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select flag__c = 'let in' from acme.account");
        await copied.UntilAsync("select count(*) = 0 from salesforce_sync.known_gaps where object = 'Account'");
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        (await copied.ScalarAsync<string>("select string_agg(verb || ' ' || subject || coalesce(' ' || (details ->> 'before'), ''), ', ' order by id) from salesforce_sync.audit where org = 'acme'"))
            .ShouldBe("pause Account copied, resume Account paused, resume Account paused");
    }

    /// <summary>A reading of the object while it is paused shows nothing of what is passed over after it.</summary>
    [PostgresFact]
    public async Task What_was_read_during_the_pause_does_not_close_its_gap()
    {
        await using var copied = await CopiedOrg.CreateAsync(PauseTests.Quick);
        using var scratch = copied.Scratch();
        PauseTests.Accounts(copied.Simulated.Org, 1);
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.object where object = 'Account'");
        await CommandRun.OfAsync(scratch, "pause", "--object", "Account");
        (await CommandRun.OfAsync(scratch, "snapshot", "--object", "Account")).ExitCode.ShouldBe(0);
        await copied.StopAsync();
        await CommandRun.OfAsync(scratch, "resume", "--object", "Account");
        (await copied.ScalarAsync<bool>("""
            select g.recorded_at > r.started_at from salesforce_sync.coverage g, salesforce_sync.read r where g.evidence ->> 'reason' = 'paused' and r.reason = 'asked' and r.state = 'done'
            """)).ShouldBeTrue();
        copied.Start();
        await copied.UntilAsync("select (g.evidence -> 'reads') = jsonb_build_array(r.id) from salesforce_sync.coverage g, salesforce_sync.read r where g.evidence ->> 'reason' = 'paused' and r.reason = 'resumed'");
    }

    /// <summary>Frozen, it would be copied again by itself as soon as everything is visible.</summary>
    [PostgresFact]
    public async Task What_is_paused_stays_so_when_salesforce_shows_less_of_it()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(await PostgresFixture.CreateDatabaseAsync());
        var ownership = new Ownership("acme", 1, Guid.NewGuid());
        await using (var known = source.CreateCommand($"""
            insert into salesforce_sync.org (name, epoch, owner) values ('acme', 1, '{ownership.Owner}');
            insert into salesforce_sync.object (org, object, channel, state) values ('acme', 'Case', '/data/ChangeEvents', 'copied'), ('acme', 'Lead', '/data/ChangeEvents', 'paused')
            """))
            await known.ExecuteNonQueryAsync();
        foreach (var name in new[] { "Case", "Lead" })
            await new OrgObjects(source, ownership).FreezeAsync(name, "a test", CancellationToken.None);
        await using var states = source.CreateCommand("select string_agg(object || ' ' || state, ', ' order by object) from salesforce_sync.object");
        (await states.ExecuteScalarAsync()).ShouldBe("Case frozen, Lead paused");
    }
}
