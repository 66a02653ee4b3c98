using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary><c>pause</c> and <c>resume</c>, which know the database and not the worker.</summary>
public sealed class PauseTests
{
    internal static readonly SimulatorSettings Quick = new() { Keepalive = TimeSpan.FromMilliseconds(300) };

    [PostgresFact]
    public async Task A_paused_org_receives_nothing_keeps_its_lease_stays_ready_and_goes_on_from_its_position()
    {
        await using var copied = await CopiedOrg.CreateAsync(Quick);
        using var scratch = copied.Scratch();
        var org = copied.Simulated.Org;
        Accounts(org, 3);
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) > 0 from salesforce_sync.object where object = 'Account'");

        (await CommandRun.OfAsync(scratch, "pause", "--org", "acme")).ExitCode.ShouldBe(0);
        await copied.UntilAsync("select state = 'paused' from salesforce_sync.org", () => copied.Health.StateOf("acme") == OrgState.Paused);
        Accounts(org, 2);
        // Nothing is subscribed any more: what was just committed cannot come, however long is waited.
        await copied.UntilAsync("select true", () => copied.Simulated.Counts.Open == 0);
        copied.Health.Ready().IsOk.ShouldBeTrue();
        copied.Progress.Of("acme").Channels.ShouldBeEmpty("silence would be alarmed of");
        (await copied.ScalarAsync<bool>("select owner is not null and until > clock_timestamp() from salesforce_sync.lease")).ShouldBeTrue();
        (await CommandRun.OfAsync(scratch, "pause", "--json")).Json.GetProperty("paused").GetBoolean().ShouldBeFalse();
        (await CommandRun.OfAsync(scratch, "status", "--json")).ExitCode.ShouldBe(0);
        (await CommandRun.OfAsync(scratch, "repair", "--object", "Account", "--json")).Error.ShouldBe("acme is paused: it is done after resume --org acme\n");

        // The next worker finds it paused.
        await copied.StopAsync();
        var tokens = copied.Simulated.Counts.Tokens;
        copied.Start();
        await copied.UntilAsync("select true", () => copied.Health.StateOf("acme") == OrgState.Paused);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.event")).ShouldBe(3);
        copied.Simulated.Counts.Tokens.ShouldBe(tokens);
        copied.Log.Lines.Count(l => l.Id == 8110).ShouldBe(2);

        (await CommandRun.OfAsync(scratch, "resume")).ExitCode.ShouldBe(0);
        await copied.CaughtUpAsync();
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.event")).ShouldBe(5);
        await copied.UntilAsync("select state in ('streaming', 'repairing') from salesforce_sync.org");
        copied.Log.Lines.ShouldContain(l => l.Id == 8111);
        copied.Log.Lines.ShouldNotContain(l => l.Id == 2008 || l.Id == 8103);
        // One for each worker: pausing gives nothing up.
        (await copied.ScalarAsync<long>("select epoch from salesforce_sync.org")).ShouldBe(2);

        // Where no worker lives that could notice it, status says it all the same.
        await copied.StopAsync();
        (await CommandRun.OfAsync(scratch, "pause")).ExitCode.ShouldBe(0);
        var told = (await CommandRun.OfAsync(scratch, "status", "--json")).Json.GetProperty("orgs")[0];
        (told.GetProperty("state").GetString(), told.GetProperty("reason").GetString()).ShouldBe(("paused", "a person has paused it; no worker has noticed yet"));
    }

    [PostgresFact]
    public async Task That_a_pause_outlives_what_salesforce_keeps_is_said_a_day_and_six_hours_before()
    {
        await using var copied = await CopiedOrg.CreateAsync(Quick);
        using var scratch = copied.Scratch();
        Accounts(copied.Simulated.Org, 1);
        copied.Start();
        await copied.CaughtUpAsync();
        await CommandRun.OfAsync(scratch, "pause");
        await copied.UntilAsync("select state = 'paused' from salesforce_sync.org");
        copied.Health.Ready().Reasons.ShouldNotContain(r => r.Contains("is lost at", StringComparison.Ordinal));

        await copied.ScalarAsync<object>("update salesforce_sync.cursor set spoke_at = clock_timestamp() - interval '49 hours' where stage = 'received'");
        await copied.UntilAsync("select state_reason like '%/data/ChangeEvents: the position is lost at %' from salesforce_sync.org");
        await copied.UntilAsync("select true", () => copied.Health.Ready().Reasons.Any(r => r.Contains("the position is lost at", StringComparison.Ordinal)));
        copied.Log.Lines.Count(l => l.Id == 8112).ShouldBe(1);
        await copied.ScalarAsync<object>("update salesforce_sync.cursor set spoke_at = clock_timestamp() - interval '67 hours' where stage = 'received'");
        await copied.UntilAsync("select true", () => copied.Log.Lines.Count(l => l.Id == 8112) == 2);
        var org = (await CommandRun.OfAsync(scratch, "status", "--json")).Json.GetProperty("orgs")[0];
        (org.GetProperty("state").GetString(), org.GetProperty("reason").GetString()!.Contains("is lost at", StringComparison.Ordinal)).ShouldBe(("paused", true));
        copied.Health.Ready().IsOk.ShouldBeTrue();
    }

    [PostgresTheory]
    [InlineData("--object: Nope: acme copies no such object", "pause", "--object", "Nope")]
    [InlineData("--object: Nope: acme copies no such object", "resume", "--object", "Nope")]
    [InlineData("--object: Case: is frozen", "pause", "--object", "Case")]
    [InlineData("--org: nope: there is no such org; known: acme", "pause", "--org", "nope")]
    public async Task What_makes_no_sense_is_refused(string message, params string[] args)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        using var scratch = ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", database);
        (await CommandRun.OfAsync(scratch, "migrate")).ExitCode.ShouldBe(0);
        await using var source = Npgsql.NpgsqlDataSource.Create(database);
        await using (var known = source.CreateCommand("""
            insert into salesforce_sync.org (name) values ('acme');
            insert into salesforce_sync.object (org, object, channel, state) values ('acme', 'Case', '/data/ChangeEvents', 'frozen')
            """))
            await known.ExecuteNonQueryAsync();
        var run = await CommandRun.OfAsync(scratch, args);
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.ShouldHaveSingleItem().ShouldStartWith(message);
        await using var written = source.CreateCommand("select count(*) from salesforce_sync.audit where org = 'acme'");
        (await written.ExecuteScalarAsync()).ShouldBe(0L);
    }

    internal static List<string> Accounts(SimulatedOrg org, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
            org.Commit(draft => ids.Add(draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"Company {i}" })));
        return ids;
    }
}
