using SalesforceSync.Cli;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>Whatever a command changes has a row in <c>salesforce_sync.audit</c>, of the same transaction; what only looks has none.</summary>
public sealed class AuditTests
{
    [PostgresFact]
    public async Task Every_verb_that_changes_something_writes_its_row_and_those_that_look_write_none()
    {
        await using var copied = await CopiedOrg.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) });
        using var scratch = copied.Scratch();
        var id = "";
        copied.Simulated.Org.Commit(draft => id = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "CANARY-name" }));
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.object where object = 'Account'");
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.image");

        async Task DoesAsync(string verb, string? subject, string change, params string[] args)
        {
            var before = await copied.ScalarAsync<long>("select coalesce(max(id), 0) from salesforce_sync.audit");
            var run = await CommandRun.OfAsync(scratch, args);
            run.ExitCode.ShouldBe(0, $"{string.Join(' ', args)}: {run.Error}\n{copied.Log}");
            var row = await copied.ScalarAsync<string>($"select string_agg(org || '/' || verb || '/' || coalesce(subject, ''), ', ') from salesforce_sync.audit where id > {before}");
            row.ShouldBe($"acme/{verb}/{subject}", string.Join(' ', args));
            (await copied.ScalarAsync<bool?>($"select bool_or(c.xmin = a.xmin) from salesforce_sync.audit a, {change} c where a.id > {before}")).ShouldBe(true, $"{string.Join(' ', args)}: another transaction");
        }

        // Nobody goes on with what is asked for, so that it can be seen which transaction wrote it. The verb itself would wait for a worker that compares.
        await copied.StopAsync();
        var verify = new VerifyRequests(copied.Source);
        await verify.AskAsync(await verify.ObjectsAsync("acme", CancellationToken.None), deep: true, CancellationToken.None);
        (await copied.ScalarAsync<bool>("""
            select a.org = 'acme' and a.verb = 'verify' and a.subject = 'Account' and a.details = jsonb_build_object('deep', true, 'reading', r.id)
            from salesforce_sync.audit a join salesforce_sync.read r on r.xmin = a.xmin
            """)).ShouldBeTrue();
        await copied.ScalarAsync<object>("delete from salesforce_sync.read where kind = 'snapshot'");
        await DoesAsync("snapshot", "Account", "salesforce_sync.read", "snapshot", "--object", "Account", "--where", "Name = 'CANARY-name'", "--no-wait");
        await copied.ScalarAsync<object>("delete from salesforce_sync.read where kind = 'snapshot'");
        await DoesAsync("repair", "Account", "salesforce_sync.repair", "repair", "--object", "Account", "--id", id, "--no-wait");
        await copied.ScalarAsync<object>("update acme.account set site = 'spoilt'");
        await DoesAsync("rebuild", "Account", "acme.account", "rebuild", "--object", "Account");
        await DoesAsync("pause", "Account", "salesforce_sync.coverage", "pause", "--object", "Account");
        await DoesAsync("resume", "Account", "salesforce_sync.object", "resume", "--object", "Account");
        await DoesAsync("pause", null, "salesforce_sync.org", "pause");
        await DoesAsync("resume", null, "salesforce_sync.org", "resume");
        const string park = """
            insert into salesforce_sync.quarantine (org, channel, event, replay_id, schema_id, object, payload, reason)
            select org, channel, event, replay_id, schema_id, 'Account', payload, 'a test' from salesforce_sync.event order by event limit 1
            """;
        await copied.ScalarAsync<object>(park);
        await DoesAsync("quarantine", "1", "salesforce_sync.quarantine", "quarantine", "retry", "--all");
        await copied.ScalarAsync<object>(park);
        await DoesAsync("quarantine", "2", "salesforce_sync.quarantine", "quarantine", "drop", "--all", "--yes");
        (await copied.ScalarAsync<bool>("select bool_and(actor like session_user || ' via %@%' and at is not null) from salesforce_sync.audit")).ShouldBeTrue();
        (await copied.ScalarAsync<string>("select string_agg(a::text, ' ') from salesforce_sync.audit a"))!.ShouldNotContain("CANARY");

        var rows = await copied.ScalarAsync<long>("select count(*) from salesforce_sync.audit");
        await copied.ScalarAsync<object>(park);
        string[][] looks =
        [
            ["status"], ["budget"], ["plan"], ["repair"], ["explain", id], ["quarantine", "list"], ["quarantine", "show", "--values"], ["verify", "--all", "--dry-run"],
            ["snapshot", "--all", "--dry-run"], ["repair", "--object", "Account", "--dry-run"], ["rebuild", "--all", "--compare"], ["migrate"], ["resume"], ["resume", "--object", "Account"],
        ];
        foreach (var look in looks)
            (await CommandRun.OfAsync(scratch, [.. look, "--json"])).Out.ShouldStartWith("{", customMessage: string.Join(' ', look));
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.audit")).ShouldBe(rows);
    }

    [PostgresFact]
    public async Task Who_migrated_a_database_is_written_down()
    {
        var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        using var scratch = new Configuration.ScratchConfiguration().Variable("ConnectionStrings__Postgres", database);
        (await CommandRun.OfAsync(scratch, "migrate")).ExitCode.ShouldBe(0);
        await using var source = Npgsql.NpgsqlDataSource.Create(database);
        await using var row = source.CreateCommand("select a.verb || ' ' || jsonb_array_length(a.details -> 'applied') from salesforce_sync.audit a join salesforce_sync.migration m on m.number = 15 and m.xmin = a.xmin and a.org is null");
        (await row.ExecuteScalarAsync()).ShouldBe($"migrate {SalesforceSync.Database.Migrations.All.Count}");
    }
}
