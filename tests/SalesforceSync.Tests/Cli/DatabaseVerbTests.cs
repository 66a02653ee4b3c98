using Dapper;
using Npgsql;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Cli;

public class DatabaseVerbTests
{
    private static readonly string[] Fields =
        ["name", "orgId", "state", "channels", "openGaps", "openRepairs", "quarantined", "tornTransactions", "callsThisMonth",
            "reason", "objects", "knownGaps", "callsByClass"];

    [PostgresFact]
    public async Task Migrate_brings_the_schema_up_to_date_and_then_has_nothing_to_do()
    {
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", await PostgresFixture.CreateEmptyDatabaseAsync());
        var first = await CommandRun.OfAsync(scratch, "migrate", "--json");
        first.ExitCode.ShouldBe(0);
        first.Json.GetProperty("applied").GetInt32().ShouldBeGreaterThan(1);
        (await CommandRun.OfAsync(scratch, "migrate")).Out.ShouldBe("the database is up to date\n");
    }

    [PostgresFact]
    public async Task A_database_newer_than_the_program_is_refused()
    {
        var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", database);
        await CommandRun.OfAsync(scratch, "migrate");
        await ExecuteAsync(database, "insert into salesforce_sync.migration (number, name, checksum) values (9999, 'future', 'x')");
        var run = await CommandRun.OfAsync(scratch, "migrate");
        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("newer than this program");
    }

    [PostgresFact]
    public async Task Status_before_migrate_says_so()
    {
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", await PostgresFixture.CreateEmptyDatabaseAsync());
        var run = await CommandRun.OfAsync(scratch, "status");
        run.ExitCode.ShouldBe(1);
        run.ErrorLines.ShouldBe(["Postgres: the control schema is missing or older than this program; start run once, or migrate"]);
    }

    [Fact]
    public async Task Postgres_out_of_reach_is_said_without_the_password()
    {
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", "Host=127.0.0.1;Port=1;Username=u;Password=CANARY-p");
        foreach (var verb in new[] { "status", "migrate" })
        {
            var run = await CommandRun.OfAsync(scratch, verb);
            run.ExitCode.ShouldBe(1);
            run.Error.ShouldStartWith("Postgres: it does not answer; check Host and Port");
            run.Error.ShouldNotContain("CANARY");
        }
    }

    [PostgresFact]
    public async Task Status_prints_the_document_of_every_org()
    {
        var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", database);
        await CommandRun.OfAsync(scratch, "migrate");
        (await CommandRun.OfAsync(scratch, "status", "--json")).Out.ShouldBe("{\"orgs\":[]}\n");
        await ExecuteAsync(database, """
            insert into salesforce_sync.org (name, org_id, state, torn) values ('acme', '00D000000000001EAA', 'streaming', 2), ('beta', null, 'starting', 0);
            insert into salesforce_sync.cursor (org, channel, stage, endpoint, replay_id, last_replay_id, event, epoch, commit_at, spoke_at) values
                ('acme', '/data/A', 'received', 'h', '\x01', '\x0002', 7, 1, '2026-01-01 00:00:05.250Z', clock_timestamp() - interval '10 s'),
                ('acme', '/data/B', 'received', 'h', '\x0b', '\x0b', 9, 1, '2026-01-01 00:00:05Z', null);
            insert into salesforce_sync.cursor (org, channel, stage, endpoint, replay_id, event, epoch, commit_at) values
                ('acme', '/data/A', 'applied', 'h', '\x0001', 5, 1, '2026-01-01 00:00:04Z'),
                ('acme', '/data/B', 'applied', 'h', '\x0b', 9, 1, '2026-01-01 00:00:01Z');
            insert into salesforce_sync.coverage (org, state, from_event, to_event) values ('acme', 'gap', 1, null), ('acme', 'gap', 1, 2), ('acme', 'streamed', 1, null);
            insert into salesforce_sync.repair (org, object, reason, state) values ('acme', 'Account', 'gap', 'open'), ('acme', 'Lead', 'gap', 'open'), ('acme', 'Case', 'gap', 'done');
            insert into salesforce_sync.quarantine (org, channel, event, replay_id, schema_id, payload, reason) values ('acme', '/data/A', 1, '\x01', 's', '\x', 'r');
            insert into salesforce_sync.api_call (at, org, class, calls) values
                (now(), 'acme', 'x', 3), (now(), 'acme', 'sign-in', 1), (now() - interval '40 days', 'acme', 'x', 100), (now(), 'beta', 'x', 5);
            """);
        var run = await CommandRun.OfAsync(scratch, "status", "--json");
        run.ExitCode.ShouldBe(0);
        var orgs = run.Json.GetProperty("orgs").EnumerateArray().ToArray();
        orgs[0].EnumerateObject().Select(p => p.Name).ShouldBe(Fields);
        orgs[0].ToString().ShouldStartWith("""{"name":"acme","orgId":"00D000000000001EAA","state":"streaming","channels":[{"channel":"/data/A","receivedReplayId":"0002","appliedReplayId":"0001","lagSeconds":1.25,"silentSeconds":""");
        orgs[0].ToString().ShouldContain("""{"channel":"/data/B","receivedReplayId":"0b","appliedReplayId":"0b","lagSeconds":0,"silentSeconds":null}],"openGaps":1,"openRepairs":2,"quarantined":1,"tornTransactions":2,"callsThisMonth":4,""");
        orgs[0].GetProperty("callsByClass").ToString().ShouldBe("""{"sign-in":1,"x":3}""");
        orgs[0].GetProperty("channels")[0].GetProperty("silentSeconds").GetDouble().ShouldBeInRange(10, 60);
        orgs[1].ToString().ShouldBe("""{"name":"beta","orgId":null,"state":"starting","channels":[],"openGaps":0,"openRepairs":0,"quarantined":0,"tornTransactions":0,"callsThisMonth":5,"reason":null,"objects":[],"knownGaps":[],"callsByClass":{"x":5}}""");

        (await CommandRun.OfAsync(scratch, "status")).Out.Split('\n')[1].ShouldStartWith("acme\tstreaming\t/data/A\t0002\t0001\t1.25\t");
        (await CommandRun.OfAsync(scratch, "status", "--json", "--org", "beta")).Json.GetProperty("orgs").GetArrayLength().ShouldBe(1);
        (await CommandRun.OfAsync(scratch, "status", "--org", "nope")).ExitCode.ShouldBe(2);
    }

    [PostgresTheory]
    [InlineData("degraded", 3)]
    [InlineData("failed", 3)]
    [InlineData("standby", 0)]
    public async Task Status_ends_with_3_when_an_org_needs_attention(string state, int code)
    {
        var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", database);
        await CommandRun.OfAsync(scratch, "migrate");
        await ExecuteAsync(database, $"insert into salesforce_sync.org (name, state) values ('acme', '{state}'), ('beta', 'streaming')");
        (await CommandRun.OfAsync(scratch, "status")).ExitCode.ShouldBe(code);
        (await CommandRun.OfAsync(scratch, "status", "--org", "beta")).ExitCode.ShouldBe(0);
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.ExecuteAsync(sql);
    }
}
