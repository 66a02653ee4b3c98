using System.Text.Json;
using Dapper;
using SalesforceSync.Status;
using SalesforceSync.Tests.EndToEnd;
using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.Status;

/// <summary>The status page in a browser.</summary>
public class PageTests
{
    private const string Token = "CANARY-token-of-the-page-0123456789";

    private const string Hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'><a href=javascript:alert(3)>";

    [StrangerFact("browser")]
    public async Task Page_shows_an_org_to_who_knows_the_token_has_done_what_is_asked_and_says_when_it_goes_silent()
    {
        await using var copied = await CopiedOrg.CreateAsync(new() { Keepalive = TimeSpan.FromMilliseconds(300) });
        var id = "";
        copied.Simulated.Org.Commit(draft => id = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "CANARY-a-value" }));
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.object");
        await using (var connection = await copied.Source.OpenConnectionAsync())
            await connection.ExecuteAsync("insert into salesforce_sync.quarantine (org, channel, event, replay_id, schema_id, object, payload, reason) values ('acme', '/data/ChangeEvents', 1, '\\x01', '', @Hostile, '', @Hostile)", new { Hostile });
        var served = await ServedWorker.OfAsync(copied, Telemetry.Open(new()), Token);
        var order = JsonSerializer.Serialize(new { token = Token, record = id, expect = "onerror", drop = true, shots = Environment.GetEnvironmentVariable("SYNC_SHOTS") });
        await using var browser = Stranger.Start("page.mjs", [$"{served.Client.BaseAddress}", order]);
        var seen = await browser.ReadAsync();

        string Text(string name) => seen.GetProperty(name).GetString()!;
        string[] Lines(string name) => [.. seen.GetProperty(name).EnumerateArray().Select(line => line.GetString()!)];
        Text("beforeToken").ShouldNotContain("acme");
        Text("refused").ShouldBe("this is not the token of Http:Token");
        Text("orgs").ShouldContain("Position expires in");
        Text("orgs").ShouldContain(Hostile, Case.Sensitive, "what came is shown as it came");
        seen.GetProperty("markup").GetInt32().ShouldBe(0);
        Text("noRecord").ShouldBe("a record's id has 15 or 18 letters and digits");
        Text("life").ShouldContain("CREATE");
        $"{seen}".ShouldNotContain("CANARY-a-value");
        Lines("faults").ShouldBeEmpty();
        Lines("foreign").ShouldBeEmpty("the page asks nobody else");
        Lines("axe").ShouldBeEmpty();
        Lines("overflow").ShouldBeEmpty();

        Lines("said").ShouldBe([$"Drop event 1: done", "Pause acme: done", "Resume acme: done"]);
        Lines("asked").Length.ShouldBe(2, "what drops and what stops is asked for first");
        (await copied.ScalarAsync<string>("select string_agg(verb || ' ' || coalesce(subject, '-'), ', ' order by id) from salesforce_sync.audit where actor like '%page@127.0.0.1'"))
            .ShouldBe("quarantine 1, pause -, resume -");
        (await copied.ScalarAsync<string>("select state from salesforce_sync.quarantine")).ShouldBe("dropped");

        await served.DisposeAsync();
        (await browser.ReadAsync()).GetProperty("silent").GetString()!.ShouldStartWith("no word from the worker for ");
    }
}
