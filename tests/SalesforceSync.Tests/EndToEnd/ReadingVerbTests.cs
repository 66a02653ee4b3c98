using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary><c>plan</c> and <c>snapshot</c> beside a running worker.</summary>
public sealed class ReadingVerbTests
{
    [PostgresFact]
    public async Task The_price_is_told_first_and_the_worker_reads_what_was_asked_for()
    {
        await using var copied = await CopiedOrg.CreateAsync(
            new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) }, options => options with { StartFrom = StartFrom.Snapshot });
        var org = copied.Simulated.Org;
        var ids = new List<string>();
        for (var i = 0; i < 40; i++)
            org.Commit(draft => ids.Add(draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"Company {i}", ["Industry"] = i % 2 == 0 ? "Energy" : "Retail" })));
        copied.Start();
        await copied.UntilAsync("select count(*) = 5 and bool_and(snapshot_at is not null) from salesforce_sync.object");
        await copied.UntilAsync("select count(*) = 0 from salesforce_sync.read where state in ('waiting', 'reading', 'merging')");
        using var scratch = Scratch(copied);
        var calls = copied.Simulated.Counts.Rest;

        var plan = await CommandRun.OfAsync(scratch, "plan", "--json");
        plan.ExitCode.ShouldBe(0, plan.Error);
        var planned = plan.Json.GetProperty("orgs")[0];
        planned.GetProperty("objects").EnumerateArray().Select(o => o.GetProperty("object").GetString()).ShouldBe(["Account", "Contact", "Invoice__c", "Lead", "Opportunity"]);
        planned.GetProperty("snapshot").GetInt32().ShouldBe(20);
        planned.GetProperty("sweepPerDay").GetInt32().ShouldBeLessThanOrEqualTo(10);
        (await CommandRun.OfAsync(scratch, "plan")).Out.ShouldContain("the stream costs none");
        var dry = await CommandRun.OfAsync(scratch, "snapshot", "--org", "acme", "--object", "account", "--dry-run");
        (dry.ExitCode, dry.Out).ShouldBe((0, "object\trows\tcalls\nAccount\t40\t4\nprice: about 4 API calls\n"));
        copied.Simulated.Counts.Rest.ShouldBe(calls);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.read")).ShouldBe(5);

        var counted = (await CommandRun.OfAsync(scratch, "plan", "--count", "--json")).Json.GetProperty("orgs")[0].GetProperty("objects")[0];
        counted.GetProperty("rows").GetInt64().ShouldBe(40);
        copied.Simulated.Counts.Rest.ShouldBe(calls + 5);

        // Changes that nobody tells of, and of which only one half is asked for.
        org.Commit(draft => draft.Unpublished().Update("Account", ids, new Dictionary<string, object?> { ["Site"] = "moved" }));
        var part = await CommandRun.OfAsync(scratch, "snapshot", "--object", "Account", "--where", "Industry = 'Energy'", "--since", "2020-01-01T00:00:00Z");
        part.ExitCode.ShouldBe(0, part.Error + copied.Log);
        part.Out.ShouldContain("Account: done, 20 of 20 rows");
        (await copied.ScalarAsync<long>("select count(*) from acme.account where site = 'moved'")).ShouldBe(20);
        var whole = await CommandRun.OfAsync(scratch, "snapshot", "--object", "Account", "--json");
        whole.Json.GetProperty("readings")[0].GetProperty("state").GetString().ShouldBe("done");
        whole.Json.GetProperty("readings")[0].GetProperty("calls").GetInt32().ShouldBeInRange(3, 4);
        (await copied.ScalarAsync<long>("select count(*) from acme.account where site = 'moved'")).ShouldBe(40);
        (await copied.ScalarAsync<long>("select sum(calls)::bigint from salesforce_sync.read")).ShouldBeLessThan(copied.Simulated.Counts.Rest);

        var refused = await CommandRun.OfAsync(scratch, "snapshot", "--object", "Account", "--where", "Nonsense__c = 1");
        refused.ExitCode.ShouldBe(1);
        refused.Out.ShouldContain("given up after");
        await copied.StopAsync();
        var left = await CommandRun.OfAsync(scratch, "snapshot", "--all", "--no-wait");
        (left.ExitCode, left.Error).ShouldBe((0, "no worker has acme just now: it is done when one runs\n"));
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.read where state = 'waiting'")).ShouldBe(5);
        copied.Start();
        await copied.UntilAsync("select count(*) = 0 from salesforce_sync.read where state in ('waiting', 'reading', 'merging')");
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresTheory]
    [InlineData("--object: : name an object, or give --all")]
    [InlineData("--object: Nope: is not copied", "--object", "Nope")]
    [InlineData("--all: Account: name objects or give --all", "--object", "Account", "--all")]
    [InlineData("--all: acme: no object is known yet", "--all")]
    [InlineData("--accept-absences", "--all", "--accept-absences")]
    [InlineData("--accept-absences", "--all", "--yes", "--accept-absences", "--where", "Name = 'x'")]
    public async Task What_makes_no_sense_is_refused_before_anything_is_asked_for(string message, params string[] args)
    {
        using var scratch = ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", await PostgresFixture.CreateDatabaseAsync());
        (await CommandRun.OfAsync(scratch, "migrate")).ExitCode.ShouldBe(0);
        var run = await CommandRun.OfAsync(scratch, ["snapshot", "--org", "acme", .. args]);
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.ShouldHaveSingleItem().ShouldStartWith(message);
    }

    private static ScratchConfiguration Scratch(CopiedOrg copied)
    {
        var rules = copied.Simulated.Settings.SignIn;
        return new ScratchConfiguration().Variable("ConnectionStrings__Postgres", copied.Database).Variable("Orgs__acme__LoginUrl", copied.Simulated.LoginUrl)
            .Variable("Orgs__acme__PubSubEndpoint", copied.Simulated.PubSubEndpoint).Variable("Orgs__acme__Auth__ClientId", rules.ClientId)
            .Variable("Orgs__acme__Auth__ClientSecret", rules.ClientSecret);
    }
}
