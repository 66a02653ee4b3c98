using Google.Protobuf;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary><c>quarantine</c> beside a worker, and without one.</summary>
public sealed class QuarantineVerbTests
{
    private const string Secret = "CANARY-site";

    [PostgresFact]
    public async Task What_is_parked_is_listed_and_shown_and_values_only_for_who_asks()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        using var scratch = copied.Scratch();
        var ids = await AccountsAsync(copied, 2);
        await copied.ScalarAsync<object>($"alter table acme.account add constraint no_canary check (site <> '{Secret}')");
        copied.Simulated.Org.Commit(draft => draft.Update("Account", ids[0], Site(Secret)));
        Broken(copied.Simulated.Org, ids[1]);
        await copied.UntilAsync("select count(*) = 2 from salesforce_sync.quarantine");
        var payload = Convert.ToHexStringLower((await copied.ScalarAsync<byte[]>("select payload from salesforce_sync.quarantine order by id desc limit 1"))!);
        // In bytes, too, nothing of it is to be seen.
        string[] hidden = [Secret, payload, Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(Secret))];

        var list = await CommandRun.OfAsync(scratch, "quarantine", "list", "--json");
        var listed = list.Json.GetProperty("events").EnumerateArray().ToList();
        listed.Select(e => (e.GetProperty("object").GetString(), e.GetProperty("state").GetString(), e.GetProperty("bytes").GetInt32() > 50)).ShouldBe([("Account", "open", true), ("Account", "open", true)]);
        listed[0].GetProperty("reason").GetString().ShouldBe("Postgres refuses the row: 23514 account no_canary");
        listed[0].EnumerateObject().Select(p => p.Name).ShouldBe(
            ["id", "org", "channel", "event", "replayId", "schemaId", "object", "reason", "state", "at", "closedAt", "bytes", "sha256", "fetch"]);
        var show = await CommandRun.OfAsync(scratch, "quarantine", "show", "--object", "account", "--json");
        var shown = show.Json.GetProperty("events").EnumerateArray().ToList();
        shown.Select(e => (e.GetProperty("decodes").GetBoolean(), e.GetProperty("change").GetString(), e.GetProperty("records")[0].GetString()))
            .ShouldBe([(true, "UPDATE", ids[0]), (false, "UPDATE", ids[1])]);
        shown[0].GetProperty("fields").EnumerateArray().Select(f => f.GetString()).ShouldContain("Site");
        foreach (var run in new[] { list, show, await CommandRun.OfAsync(scratch, "quarantine", "list"), await CommandRun.OfAsync(scratch, "quarantine", "show", "--all") })
        {
            run.ExitCode.ShouldBe(0, run.Error);
            hidden.ShouldAllBe(h => !(run.Out + run.Error).Contains(h, StringComparison.OrdinalIgnoreCase));
        }

        var values = (await CommandRun.OfAsync(scratch, "quarantine", "show", "--values", "--json")).Json.GetProperty("events").EnumerateArray().ToList();
        values[0].GetProperty("values").GetProperty("Site").GetString().ShouldBe(Secret);
        values[1].GetProperty("payload").GetString().ShouldBe(payload);
        (await CommandRun.OfAsync(scratch, "quarantine", "show", "--values")).Out.ShouldContain($"Site: {Secret}");
        copied.Log.Lines.ShouldAllBe(l => !l.Text.Contains(Secret, StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_retried_event_is_fetched_by_the_worker_and_never_overwrites_what_is_newer()
    {
        await using var copied = await CopiedOrg.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) });
        using var scratch = copied.Scratch();
        var (org, ids) = (copied.Simulated.Org, await AccountsAsync(copied, 2));
        await copied.ScalarAsync<object>("alter table acme.account add constraint no_evil check (site <> 'evil')");
        foreach (var id in ids)
            org.Commit(draft => draft.Update("Account", id, Site("evil")));
        await copied.UntilAsync("select count(*) = 2 from salesforce_sync.quarantine");
        // One of them changes again, and the other so that neither event nor stamp tells of it.
        org.Commit(draft => draft.Update("Account", ids[0], Site("newer")));
        await copied.UntilAsync("select count(*) = 1 from acme.account where site = 'newer'");
        org.Commit(draft => draft.Unpublished().Unstamped().Update("Account", ids[1], Site("silent")));
        await copied.ScalarAsync<object>("alter table acme.account drop constraint no_evil");
        await copied.ScalarAsync<object>("update salesforce_sync.repair set state = 'done'");

        var retry = await CommandRun.OfAsync(scratch, "quarantine", "retry", "--all", "--json");
        retry.ExitCode.ShouldBe(0, retry.Error);
        retry.Json.GetProperty("events").EnumerateArray().Select(e => (e.GetProperty("state").GetString(), e.GetProperty("records")[0].GetString()))
            .ShouldBe([("retried", ids[0]), ("retried", ids[1])]);
        await copied.UntilAsync("select count(*) = 2 from salesforce_sync.repair r join salesforce_sync.audit a on a.at < r.closed_at where a.subject = '1' and r.state = 'done'");
        (await copied.ScalarAsync<string>("select string_agg(site, ',' order by id) from acme.account")).ShouldBe("newer,silent");
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        var status = (await CommandRun.OfAsync(scratch, "status", "--json")).Json.GetProperty("orgs")[0];
        status.GetProperty("quarantined").GetInt64().ShouldBe(0);
        status.GetProperty("knownGaps").EnumerateArray().ShouldBeEmpty();
        (await CommandRun.OfAsync(scratch, "quarantine", "retry", "--id", "1")).ErrorLines.ShouldHaveSingleItem().ShouldStartWith("--id: 1: is retried already");
    }

    [PostgresFact]
    public async Task An_event_stays_open_until_its_schema_is_there_and_is_tried_at_once_then()
    {
        await using var parked = await ParkedRowsAsync();
        await parked.ScalarAsync<object>("update salesforce_sync.quarantine set schema_id = 'late'");
        var first = await parked.RunAsync("retry", "--all", "--json");
        first.ExitCode.ShouldBe(3, first.Error);
        var outcome = first.Json.GetProperty("events").EnumerateArray().Single();
        (outcome.GetProperty("state").GetString(), outcome.GetProperty("fault").GetString()).ShouldBe(("open", "schema late is not stored"));
        (await parked.ScalarAsync<long>("select count(*) from salesforce_sync.audit where org is not null")).ShouldBe(0);

        // The fetch that parking had asked for has been put off, hour after hour.
        await parked.ScalarAsync<object>($"insert into salesforce_sync.repair (org, object, record_id, reason, event, tries, next_at, message) values ('acme', 'Account', '{parked.Record}', 'quarantine', 7, 9, 'infinity', 'a test')");
        await parked.ScalarAsync<object>("insert into salesforce_sync.avro_schema (schema_id, json) select 'late', json from salesforce_sync.avro_schema");
        (await parked.RunAsync("retry", "--object", "account")).ExitCode.ShouldBe(0);
        (await parked.ScalarAsync<bool>($"select state = 'open' and next_at is null and message is null and event = 7 from salesforce_sync.repair where record_id = '{parked.Record}'")).ShouldBeTrue();
        (await parked.ScalarAsync<bool>("select q.xmin = r.xmin and q.xmin = a.xmin and q.closed_at is not null from salesforce_sync.quarantine q, salesforce_sync.repair r, salesforce_sync.audit a where a.verb = 'quarantine'")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task What_is_dropped_is_closed_and_what_it_left_out_keeps_its_dated_row()
    {
        await using var parked = await ParkedRowsAsync();
        await parked.ScalarAsync<object>($"insert into salesforce_sync.repair (org, object, record_id, reason, event, state, closed_at) values ('acme', 'Account', '{parked.Record}', 'quarantine', 7, 'done', now())");
        var refused = await parked.RunAsync("drop", "--all");
        (refused.ExitCode, refused.Error).ShouldBe((2, "--yes: 1 events: what is dropped is not retried any more: add --yes to do it\n"));
        (await parked.ScalarAsync<string>("select state from salesforce_sync.quarantine")).ShouldBe("open");
        (await parked.RunAsync("list", "--json")).Json.GetProperty("events")[0].GetProperty("fetch").GetString().ShouldBe("done");

        (await parked.RunAsync("drop", "--all", "--yes")).ExitCode.ShouldBe(0);
        (await parked.ScalarAsync<bool>("select q.state = 'dropped' and q.closed_at is not null and q.payload is not null and q.xmin = a.xmin from salesforce_sync.quarantine q, salesforce_sync.audit a where a.verb = 'quarantine'")).ShouldBeTrue();
        (await parked.ScalarAsync<string>("select details - 'records' from salesforce_sync.audit where verb = 'quarantine'")).ShouldBe(
            """{"act": "drop", "event": 7, "object": "Account", "reason": "a test", "channel": "/data/ChangeEvents"}""");
        // Its record was fetched: nothing is asked for again.
        (await parked.ScalarAsync<long>("select count(*) from salesforce_sync.repair")).ShouldBe(1);
        (await parked.RunAsync("list")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1);
        (await parked.RunAsync("list", "--all")).Out.ShouldContain("dropped");

        // Where nothing says any more that it was skipped, dropping does.
        await parked.ScalarAsync<object>("update salesforce_sync.quarantine set state = 'open'; delete from salesforce_sync.repair");
        (await parked.RunAsync("drop", "--id", "1", "--yes")).ExitCode.ShouldBe(0);
        (await parked.ScalarAsync<string>("select object || ' ' || record_id || ' ' || state || ' ' || event from salesforce_sync.repair where opened_at > now() - interval '1 minute'"))
            .ShouldBe($"Account {parked.Record} open 7");
    }

    [PostgresTheory]
    [InlineData("--id: (missing): name events or objects, or give --all", "retry")]
    [InlineData("--id: (missing): name events or objects, or give --all", "drop", "--yes")]
    [InlineData("--all: : name events or objects, or give --all, not both", "drop", "--all", "--id", "1", "--yes")]
    [InlineData("--id: 99: there is no such event", "retry", "--id", "99")]
    [InlineData("--id: 99: there is no such event", "show", "--id", "99")]
    [InlineData("--org: nope: there is no such org", "list", "--org", "nope")]
    public async Task What_makes_no_sense_is_refused_and_closes_nothing(string message, params string[] args)
    {
        await using var parked = await ParkedRowsAsync();
        var run = await parked.RunAsync(args);
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.ShouldHaveSingleItem().ShouldStartWith(message);
        (await parked.ScalarAsync<string>("select state from salesforce_sync.quarantine")).ShouldBe("open");
    }

    private static async Task<List<string>> AccountsAsync(CopiedOrg copied, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
            copied.Simulated.Org.Commit(draft => ids.Add(draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"{i}" })));
        copied.Start();
        await copied.CaughtUpAsync();
        return ids;
    }

    private static Dictionary<string, object?> Site(string site) => new() { ["Site"] = site };

    private static void Broken(SimulatedOrg org, string id)
    {
        var prepared = org.Prepare([org.Begin().Update("Account", id, Site(Secret))]);
        prepared.Entries[0].Event!.Payload = ByteString.CopyFrom([.. prepared.Entries[0].Event!.Payload.Span, 0]);
        org.Release([prepared]);
    }

    /// <summary>A database in which one event of a record is parked, and no worker.</summary>
    private static async Task<ParkedRows> ParkedRowsAsync()
    {
        var simulated = await SimulatedSalesforce.StartAsync(new(), TimeProvider.System, CancellationToken.None);
        await using var _ = simulated;
        var draft = simulated.Org.Begin();
        var record = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "parked" });
        var prepared = simulated.Org.Prepare([draft]);
        var parked = new ParkedRows(await PostgresFixture.CreateDatabaseAsync(), record);
        var sent = prepared.Entries[0].Event!;
        await parked.ScalarAsync<object>($"""
            insert into salesforce_sync.org (name) values ('acme');
            insert into salesforce_sync.avro_schema (schema_id, json) values ('{sent.SchemaId}', '{simulated.Org["Account"].Schema.Json.Replace("'", "''", StringComparison.Ordinal)}');
            insert into salesforce_sync.quarantine (org, channel, event, replay_id, schema_id, object, payload, reason)
            values ('acme', '/data/ChangeEvents', 7, '\x0102', '{sent.SchemaId}', 'Account', '\x{Convert.ToHexStringLower(sent.Payload.Span)}', 'a test')
            """);
        return parked;
    }

    private sealed class ParkedRows(string database, string record) : IAsyncDisposable
    {
        private readonly Npgsql.NpgsqlDataSource _source = Npgsql.NpgsqlDataSource.Create(database);
        private readonly ScratchConfiguration _scratch = ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", database);

        public string Record => record;

        public Task<CommandRun> RunAsync(params string[] args) => CommandRun.OfAsync(_scratch, ["quarantine", .. args]);

        public async Task<T?> ScalarAsync<T>(string sql)
        {
            await using var connection = await _source.OpenConnectionAsync();
            return await Dapper.SqlMapper.ExecuteScalarAsync<T>(connection, sql);
        }

        public ValueTask DisposeAsync()
        {
            _scratch.Dispose();
            return _source.DisposeAsync();
        }
    }
}
