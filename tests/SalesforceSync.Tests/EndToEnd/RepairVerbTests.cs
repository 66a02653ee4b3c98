using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary><c>repair</c> beside a worker, and without one.</summary>
public sealed class RepairVerbTests
{
    private const string Moved = "select count(*) from acme.account where site = 'moved'";

    [PostgresFact]
    public async Task Records_and_objects_that_are_asked_for_are_fetched_by_the_worker()
    {
        await using var copied = await CopiedOrg.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) });
        var ids = Accounts(copied.Simulated.Org, 30);
        using var scratch = Scratch(copied);
        copied.Start();
        await copied.CaughtUpAsync();
        // Nothing tells of it, neither an event nor a stamp.
        copied.Simulated.Org.Commit(draft => draft.Unpublished().Unstamped().Update("Account", ids, new Dictionary<string, object?> { ["Site"] = "moved" }));
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.object where object = 'Account'");
        var calls = copied.Simulated.Counts.Rest;

        (await CommandRun.OfAsync(scratch, "repair")).ShouldBe(new CommandRun(0, "org\tobject\treason\tstate\trecords\tsince\ttries\tnext\twhy\n", ""));
        var dry = await CommandRun.OfAsync(scratch, "repair", "--org", "acme", "--object", "account", "--id", ids[0], "--dry-run");
        dry.ShouldBe(new CommandRun(0, "Account: 1 records; price: about 1 API calls\n", ""));
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.repair")).ShouldBe(0);

        var two = await CommandRun.OfAsync(scratch, "repair", "--object", "Account", "--id", ids[0], "--id", ids[1][..15], "--id", ids[1]);
        (two.ExitCode, two.Out).ShouldBe((0, "Account: 2 records; price: about 1 API calls\n2 done\n"), two.Error + copied.Log);
        (await copied.ScalarAsync<long>(Moved)).ShouldBe(2);
        (await copied.ScalarAsync<bool>("select bool_and(reason = 'requested' and state = 'done') from salesforce_sync.repair")).ShouldBeTrue();
        // A describe, and one call for both.
        copied.Simulated.Counts.Rest.ShouldBeLessThanOrEqualTo(calls + 2);

        var whole = await CommandRun.OfAsync(scratch, "repair", "--object", "Account", "--json");
        (whole.ExitCode, whole.Json.GetProperty("object").GetString(), whole.Json.GetProperty("price").GetInt32()).ShouldBe((0, "Account", 4), whole.Error + copied.Log);
        var repair = whole.Json.GetProperty("repairs").EnumerateArray().Single();
        (repair.GetProperty("recordId").GetString(), repair.GetProperty("state").GetString()).ShouldBe((null, "done"));
        (await copied.ScalarAsync<long>(Moved)).ShouldBe(30);
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresFact]
    public async Task What_nobody_is_there_to_fetch_stays_open_and_is_shown()
    {
        await using var copied = await CopiedOrg.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) });
        var ids = Accounts(copied.Simulated.Org, 3);
        using var scratch = Scratch(copied);
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.object where object = 'Account'");
        await copied.StopAsync();
        copied.Simulated.Org.Commit(draft => draft.Unpublished().Unstamped().Update("Account", ids, new Dictionary<string, object?> { ["Site"] = "moved" }));

        var asked = await CommandRun.OfAsync(scratch, "repair", "--object", "Account", "--id", ids[0]);
        (asked.ExitCode, asked.Error).ShouldBe((3, "no worker has acme just now: it is done when one runs\n"));
        asked.Out.ShouldContain($"1 open\nrecord\tstate\ttries\tnext\twhy\n{ids[0]}\topen\t0\t-\t-\n");
        (await CommandRun.OfAsync(scratch, "repair", "--object", "Account", "--id", ids[0], "--no-wait")).ExitCode.ShouldBe(0);
        (await CommandRun.OfAsync(scratch, "repair", "--object", "Account", "--no-wait")).ExitCode.ShouldBe(0);
        var open = (await CommandRun.OfAsync(scratch, "repair", "--json")).Json.GetProperty("open").EnumerateArray().ToList();
        open.Select(o => (o.GetProperty("reason").GetString(), o.GetProperty("records").ToString())).ShouldBe([("requested", "1"), ("requested", "")], ignoreOrder: true);

        await copied.ScalarAsync<object>($"delete from salesforce_sync.repair where record_id is null");
        copied.Start();
        await copied.UntilAsync("select count(*) = 0 from salesforce_sync.repair where state = 'open'");
        (await copied.ScalarAsync<long>(Moved)).ShouldBe(1);

        await copied.ScalarAsync<object>("update salesforce_sync.object set state = 'frozen', state_reason = 'a test'");
        var frozen = await CommandRun.OfAsync(scratch, "repair", "--object", "Account");
        (frozen.ExitCode, frozen.Error).ShouldBe((2, "--object: Account: is frozen: nothing of it is fetched before it is copied again (resume)\n"));
    }

    [PostgresTheory]
    [InlineData("--object: (missing): name the object of 001000000000001AAA", "--id", "001000000000001AAA")]
    [InlineData("--object: Nope: is not copied; copied: Account", "--object", "Nope")]
    [InlineData("--id: nonsense: a record's id has 15 or 18", "--object", "Account", "--id", "nonsense")]
    [InlineData("--id: 003000000000001AAA: is no id of Account: those begin with 001", "--object", "Account", "--id", "003000000000001AAA")]
    [InlineData("--yes: 2004 calls: that is more than a tenth", "--object", "Account")]
    [InlineData("--org: nope: there is no such org", "--org", "nope")]
    public async Task What_makes_no_sense_is_refused_before_anything_is_asked_for(string message, params string[] args)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        using var scratch = ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", database);
        (await CommandRun.OfAsync(scratch, "migrate")).ExitCode.ShouldBe(0);
        await using var source = Npgsql.NpgsqlDataSource.Create(database);
        await using (var known = source.CreateCommand("""
            insert into salesforce_sync.org (name) values ('acme');
            insert into salesforce_sync.object (org, object, channel, key_prefix, rows_there) values ('acme', 'Account', '/data/ChangeEvents', '001', 199000000)
            """))
            await known.ExecuteNonQueryAsync();
        var run = await CommandRun.OfAsync(scratch, ["repair", .. args]);
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.ShouldHaveSingleItem().ShouldStartWith(message);
        await using var asked = source.CreateCommand("select count(*) from salesforce_sync.repair");
        (await asked.ExecuteScalarAsync()).ShouldBe(0L);
    }

    private static List<string> Accounts(SimulatedOrg org, int count)
    {
        var ids = new List<string>();
        org.Commit(draft =>
        {
            for (var i = 0; i < count; i++) ids.Add(draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"Company {i}" }));
        });
        return ids;
    }

    private static ScratchConfiguration Scratch(CopiedOrg copied)
    {
        var rules = copied.Simulated.Settings.SignIn;
        return new ScratchConfiguration().Variable("ConnectionStrings__Postgres", copied.Database).Variable("Orgs__acme__LoginUrl", copied.Simulated.LoginUrl)
            .Variable("Orgs__acme__PubSubEndpoint", copied.Simulated.PubSubEndpoint).Variable("Orgs__acme__Auth__ClientId", rules.ClientId)
            .Variable("Orgs__acme__Auth__ClientSecret", rules.ClientSecret);
    }
}
