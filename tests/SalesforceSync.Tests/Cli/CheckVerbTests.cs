using System.Text.Json;
using System.Xml.Linq;
using Dapper;
using Npgsql;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Cli;

public class CheckVerbTests
{
    [PostgresFact]
    public async Task All_is_well_with_a_simulated_org_and_the_price_is_said()
    {
        await using var salesforce = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        using var scratch = Configured(salesforce, database);
        var run = await CommandRun.OfAsync(scratch, "check", "--json");
        Failures(run).ShouldBe([DurabilityOff]);
        run.Json.GetProperty("apiCalls").GetInt32().ShouldBeGreaterThanOrEqualTo(2);
        run.Error.ShouldContain("acme: costs 2 API calls and one for each object found in addition");
        Of(run, "identity").ShouldBe($"ok: org {salesforce.Settings.Org.OrgId}");
        Of(run, "channel /data/ChangeEvents").ShouldBe("ok: may be subscribed to");
        Of(run, "api calls").ShouldStartWith("ok: ");
        Of(run, "delivered events").ShouldStartWith("ok: ");
        Of(run, "clock").ShouldBe("ok: agrees with this machine's");
        Of(run, "postgres clock").ShouldBe("ok: agrees with this machine's");

        scratch.Variable("Orgs__acme__Objects__Account__Exclude__0", "Nme").Variable("Orgs__acme__Objects__Contact__Include", "true");
        await CommandRun.OfAsync(scratch, "migrate");
        run = await CommandRun.OfAsync(scratch, "check", "--json");
        Of(run, "object Account").ShouldBe("warning: not visible: Nme");
        Of(run, "object Contact").ShouldStartWith("ok: ");
        await using var connection = new NpgsqlConnection(database);
        var booked = (await connection.QueryAsync<string>("select concat_ws(' ', class, calls, status) from salesforce_sync.api_call order by at")).ToArray();
        booked.Take(2).ShouldBe(["sign-in 1 200", "limits 1 200"]);
        booked.Skip(2).ShouldAllBe(call => call.StartsWith("describe 1 "));
        run.Json.GetProperty("apiCalls").GetInt32().ShouldBe(booked.Length - 1);

        var text = await CommandRun.OfAsync(scratch, "check");
        text.Out.ShouldContain($"this check cost {booked.Length - 1} API calls");
        (run.Out + run.Error + text.Out + text.Error).ShouldNotContain("simulated-secret");
    }

    [PostgresFact]
    public async Task Fields_that_events_carry_and_the_user_is_not_shown_are_named_and_what_to_deploy_is_written()
    {
        await using var salesforce = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        salesforce.Org.Access.Show("Account", "Industry", shown: false);
        using var scratch = Configured(salesforce, await PostgresFixture.CreateEmptyDatabaseAsync()).Variable("Orgs__acme__Objects__Account__Include", "true");
        var folder = Path.Combine(Path.GetTempPath(), $"metadata-{Guid.NewGuid():N}");
        try
        {
            var run = await CommandRun.OfAsync(scratch, "check", "--json", "--write-metadata", folder);
            Of(run, "object Account").ShouldBe("warning: not visible: Industry");
            Of(run, "metadata").ShouldStartWith("ok: ");
            var permissions = XDocument.Load(Path.Combine(folder, "permissionsets/SalesforceSync.permissionset")).ToString();
            permissions.ShouldContain("<field>Account.Industry</field>");
            permissions.ShouldContain("<viewAllRecords>true</viewAllRecords>");
            XDocument.Load(Path.Combine(folder, "platformEventChannelMembers/ChangeEvents_AccountChangeEvent.platformEventChannelMember")).ToString()
                .ShouldContain("<selectedEntity>AccountChangeEvent</selectedEntity>");
            XDocument.Load(Path.Combine(folder, "package.xml")).ToString().ShouldContain("<members>ChangeEvents_AccountChangeEvent</members>");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [PostgresFact]
    public async Task Every_fault_shows_at_once_with_its_remedy()
    {
        await using var salesforce = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        using var scratch = Configured(salesforce, database).Variable("Orgs__acme__Channels__0", "/data/NopeChangeEvent")
            .Variable("Orgs__beta__LoginUrl", salesforce.LoginUrl).Variable("Orgs__beta__Auth__ClientId", "simulated-client").Variable("Orgs__beta__Auth__ClientSecret", "CANARY-wrong")
            .Variable("Orgs__gamma__LoginUrl", "http://127.0.0.1:1").Variable("Orgs__gamma__Auth__ClientId", "x").Variable("Orgs__gamma__Auth__ClientSecret", "CANARY-x")
            .Variable("Orgs__delta__LoginUrl", salesforce.LoginUrl).Variable("Orgs__delta__Auth__ClientId", "x")
            .Variable("Orgs__delta__Auth__Flow", "RefreshToken").Variable("Orgs__delta__Auth__RefreshToken", "CANARY-r");
        var run = await CommandRun.OfAsync(scratch, "check", "--json");
        run.ExitCode.ShouldBe(1);
        var failures = Failures(run);
        failures.ShouldContain(f => f.StartsWith("acme: channel /data/NopeChangeEvent: NotFound"));
        failures.ShouldContain(f => f.StartsWith("beta: sign-in: refused (invalid_client"));
        failures.ShouldContain(f => f.StartsWith("gamma: sign-in: 127.0.0.1:1: no connection"));
        failures.ShouldContain(f => f.StartsWith("delta: sign-in: not tried"));
        run.Json.GetProperty("checks").EnumerateArray().Where(c => c.GetProperty("outcome").GetString() == "failed")
            .ShouldAllBe(c => c.GetProperty("remedy").GetString()!.Length > 10);
        (run.Out + run.Error).ShouldNotContain("CANARY");
    }

    [PostgresFact]
    public async Task Another_org_than_the_tables_hold_is_a_fault()
    {
        await using var salesforce = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        using var scratch = Configured(salesforce, database);
        await CommandRun.OfAsync(scratch, "migrate");
        await using var connection = new NpgsqlConnection(database);
        await connection.ExecuteAsync("insert into salesforce_sync.org (name, org_id) values ('acme', '00D000000000009EAA')");
        Failures(await CommandRun.OfAsync(scratch, "check", "--json")).ShouldContain(f => f.StartsWith("acme: identity: this is org") && f.EndsWith("but the tables hold org 00D000000000009EAA"));
    }

    [PostgresFact]
    public async Task A_role_without_rights_and_a_database_of_another_encoding_are_faults()
    {
        await using var salesforce = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        var admin = await PostgresFixture.CreateEmptyDatabaseAsync();
        var role = $"poor_{Guid.NewGuid():N}"[..20];
        await using (var connection = new NpgsqlConnection(admin))
        {
            await connection.ExecuteAsync($"create role {role} login password 'CANARY-p'");
            await connection.ExecuteAsync($"create database {role} encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'");
        }
        using var scratch = Configured(salesforce, new NpgsqlConnectionStringBuilder(admin) { Username = role, Password = "CANARY-p", Database = role }.ConnectionString);
        var failures = Failures(await CommandRun.OfAsync(scratch, "check", "--json"));
        failures.ShouldContain(": postgres encoding: LATIN1");
        failures.ShouldContain($": postgres rights: {role} may not create the schema salesforce_sync");
        failures.ShouldContain($": postgres rights: {role} may not create the schema acme");
    }

    [Fact]
    public async Task Without_Postgres_the_org_is_still_checked()
    {
        await using var salesforce = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        using var scratch = Configured(salesforce, "Host=127.0.0.1;Port=1;Username=u;Password=CANARY-p");
        var run = await CommandRun.OfAsync(scratch, "check", "--json");
        Failures(run).ShouldBe([": postgres: cannot be used"]);
        Of(run, "sign-in").ShouldStartWith("ok: ");
    }

    // The tests' own server runs without fsync, which is exactly what check warns of.
    private const string DurabilityOff = ": postgres durability: fsync is off";

    private static ScratchConfiguration Configured(SimulatedSalesforce salesforce, string database) => new ScratchConfiguration()
        .Variable("ConnectionStrings__Postgres", database).Variable("Orgs__acme__LoginUrl", salesforce.LoginUrl).Variable("Orgs__acme__PubSubEndpoint", salesforce.PubSubEndpoint)
        .Variable("Orgs__acme__Auth__ClientId", "simulated-client").Variable("Orgs__acme__Auth__ClientSecret", "simulated-secret");

    private static string[] Failures(CommandRun run) =>
        [.. Checks(run).Where(c => c.GetProperty("outcome").GetString() == "failed").Select(c => $"{c.GetProperty("org").GetString()}: {c.GetProperty("check").GetString()}: {c.GetProperty("found").GetString()}")];

    private static string Of(CommandRun run, string check) =>
        Checks(run).Where(c => c.GetProperty("check").GetString() == check).Select(c => $"{c.GetProperty("outcome").GetString()}: {c.GetProperty("found").GetString()}").ShouldHaveSingleItem();

    private static JsonElement[] Checks(CommandRun run) => [.. run.Json.GetProperty("checks").EnumerateArray()];
}
