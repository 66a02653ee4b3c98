using System.IO.Compression;
using System.Net;
using System.Text;
using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Simulator;

/// <summary>What the documents of the Bulk API 2.0 promise, over the wire.</summary>
public sealed class BulkQueryTests : IAsyncDisposable
{
    private readonly ManualClock _clock = new();
    private SimulatedSalesforce? _simulated;
    private RestSession? _session;

    private SimulatedSalesforce Simulated => _simulated!;

    private RestSession Session => _session!;

    public async ValueTask DisposeAsync()
    {
        _session?.Dispose();
        if (_simulated is not null) await _simulated.DisposeAsync();
    }

    [Fact]
    public async Task Job_is_made_worked_on_and_read_as_documented()
    {
        await StartAsync(new BulkRules { Duration = TimeSpan.FromSeconds(8) });
        var id = Account(("Name", "Grüße, \"Welt\"\nGmbH"), ("AnnualRevenue", 139_000_000d), ("SLAExpirationDate__c", new DateOnly(2027, 1, 31)));

        var created = await Session.PostAsync(
            "jobs/query", """{"operation":"query","query":"select id, name, AnnualRevenue, NumberOfEmployees, SLAExpirationDate__c, IsPriority__c, CreatedDate, BillingCity from account"}""");
        created.Status.ShouldBe(HttpStatusCode.OK);
        var job = created.Json.GetProperty("id").GetString()!;
        job.Length.ShouldBe(18);
        created.Text.ShouldBe($$"""
            {"id":"{{job}}","operation":"query","object":"Account","createdById":"005Dp0000000001IAA","createdDate":"2026-11-20T10:00:00.000+0000","systemModstamp":"2026-11-20T10:00:00.000+0000","state":"UploadComplete","concurrencyMode":"Parallel","contentType":"CSV","apiVersion":66.0,"lineEnding":"LF","columnDelimiter":"COMMA"}
            """);

        (await Session.StateAsync(job)).ShouldBe("UploadComplete");
        _clock.Advance(TimeSpan.FromSeconds(3));
        (await Session.StateAsync(job)).ShouldBe("InProgress");
        (await Session.GetAsync($"jobs/query/{job}/results")).Refusal.ShouldBe((400, "JOB_NOT_COMPLETE"));
        _clock.Advance(TimeSpan.FromSeconds(5));
        (await Session.GetAsync($"jobs/query/{job}")).Text.ShouldBe($$"""
            {"id":"{{job}}","operation":"query","object":"Account","createdById":"005Dp0000000001IAA","createdDate":"2026-11-20T10:00:00.000+0000","systemModstamp":"2026-11-20T10:00:08.000+0000","state":"JobComplete","concurrencyMode":"Parallel","contentType":"CSV","apiVersion":66.0,"jobType":"V2Query","lineEnding":"LF","columnDelimiter":"COMMA","numberRecordsProcessed":1,"retries":0,"totalProcessingTime":8000,"isPkChunkingSupported":true}
            """);

        var results = await Session.GetAsync($"jobs/query/{job}/results");
        results.Text.ShouldBe(
            "\"Id\",\"Name\",\"AnnualRevenue\",\"NumberOfEmployees\",\"SLAExpirationDate__c\",\"IsPriority__c\",\"CreatedDate\",\"BillingCity\"\n"
            + $"\"{id}\",\"Grüße, \"\"Welt\"\"\nGmbH\",\"1.39E8\",\"\",\"2027-01-31\",\"false\",\"2026-11-20T10:00:00.000Z\",\"\"\n");
        results.Headers["Sforce-Locator"].ShouldBe("null");
        results.Headers["Sforce-NumberOfRecords"].ShouldBe("1");
        results.Headers["Content-Type"].ShouldBe("text/csv");
        results.Headers.ContainsKey("Sforce-Limit-Info").ShouldBeTrue();
    }

    [Fact]
    public async Task Pages_follow_each_other_by_locators_that_stay_good()
    {
        await StartAsync(new BulkRules { PageRows = 3 });
        for (var i = 0; i < 17; i++) Account(("Name", $"A{i:00}"));
        var job = await Session.BulkAsync("SELECT Name FROM Account");
        (await Session.StateAsync(job)).ShouldBe("JobComplete");

        var names = new List<string>();
        var locators = new List<string>();
        for (var locator = ""; locator != "null";)
        {
            var page = await Session.GetAsync($"jobs/query/{job}/results{(locator.Length > 0 ? "?locator=" + locator : "")}");
            var lines = page.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            lines[0].ShouldBe("\"Name\"");
            page.Headers["Sforce-NumberOfRecords"].ShouldBe($"{lines.Length - 1}");
            names.AddRange(lines.Skip(1));
            locators.Add(locator = page.Headers["Sforce-Locator"]);
        }
        names.ShouldBe(Enumerable.Range(0, 17).Select(i => $"\"A{i:00}\""));
        locators.Count.ShouldBe(6);
        (await Session.GetAsync($"jobs/query/{job}/results?locator={locators[0]}&maxRecords=1")).Text.ShouldBe("\"Name\"\n\"A03\"\n");
        (await Session.GetAsync($"jobs/query/{job}/results?maxRecords=2")).Headers["Sforce-Locator"].ShouldNotBe(locators[0]);
        (await Session.GetAsync($"jobs/query/{job}/results?locator=nonsense")).Refusal.ShouldBe((400, "INVALID_QUERY_LOCATOR"));

        var root = $"/services/data/v66.0/jobs/query/{job}";
        var first = await Session.GetAsync($"jobs/query/{job}/resultPages");
        var pages = first.Json.GetProperty("resultPages").EnumerateArray().Select(p => p.GetProperty("resultUrl").GetString()!).ToList();
        pages.Count.ShouldBe(5);
        pages[1].ShouldBe($"{root}/results?locator={locators[0]}");
        first.Json.GetProperty("done").GetBoolean().ShouldBeFalse();
        var last = await Session.GetAsync(first.Json.GetProperty("nextRecordsUrl").GetString()!);
        last.Text.ShouldBe($$"""{"resultPages":[{"resultUrl":"{{root}}/results?locator={{locators[4]}}"}],"done":true}""");
        pages.Add($"{root}/results?locator={locators[4]}");
        var parallel = await Task.WhenAll(pages.Select(page => Session.GetAsync(page)));
        parallel.SelectMany(p => p.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)).ShouldBe(names);
        (await Session.GetAsync($"/services/data/v57.0/jobs/query/{job}/resultPages")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Delimiter_line_end_and_compression_are_as_asked_for()
    {
        await StartAsync();
        Account(("Name", "one"));
        var created = await Session.PostAsync(
            "jobs/query", """{"operation":"query","query":"SELECT Name, Phone FROM Account","contentType":"CSV","columnDelimiter":"PIPE","lineEnding":"CRLF"}""");
        var job = created.Json.GetProperty("id").GetString()!;
        await Session.StateAsync(job);
        var zipped = await Session.GetAsync($"jobs/query/{job}/results", ("Accept-Encoding", "gzip"));
        zipped.Headers["Content-Encoding"].ShouldBe("gzip");
        await using var plain = new GZipStream(new MemoryStream(zipped.Bytes), CompressionMode.Decompress);
        using var reader = new StreamReader(plain, Encoding.UTF8);
        (await reader.ReadToEndAsync()).ShouldBe("\"Name\"|\"Phone\"\r\n\"one\"|\"\"\r\n");
    }

    [Theory]
    [InlineData("SELECT Id, BillingAddress FROM Account", "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData("SELECT Id, Loc__c FROM Account", "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData("SELECT COUNT() FROM Account", "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData("SELECT MAX(Id) FROM Account", "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData("SELECT Name FROM Account GROUP BY Name", "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData("SELECT Name FROM Account LIMIT 5 OFFSET 5", "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData("SELECT TYPEOF Owner WHEN User THEN Id END FROM Account", "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData("SELECT FIELDS(ALL) FROM Account", "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData("SELECT Id, Nope__c FROM Account", "INVALID_FIELD")]
    [InlineData("SELECT Id, Phone FROM Account", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Nope", "INVALID_TYPE")]
    [InlineData("SELECT Id FROM Contact", "INVALID_TYPE")]
    [InlineData("SELECT Id FROM Lead", "INVALIDENTITY")]
    [InlineData("SELECT FROM Account", "MALFORMED_QUERY")]
    public async Task What_bulk_queries_do_not_do_is_refused(string soql, string code)
    {
        await StartAsync(new BulkRules { Refused = ["Lead"] });
        Simulated.Org.Access.Show("Account", "Phone", shown: false);
        Simulated.Org.Access.Allow("Contact", allowed: false);
        (await Session.PostAsync("jobs/query", $$"""{"operation":"query","query":"{{soql}}"}""")).Refusal.ShouldBe((400, code));
    }

    [Fact]
    public async Task Rows_of_a_job_are_read_at_different_instants()
    {
        var at = new List<DateTimeOffset>();
        await StartAsync(new BulkRules { Duration = TimeSpan.FromSeconds(4), Slices = 4, BeforeSlice = (_, _) => at.Add(_clock.GetUtcNow()) });
        var ids = Enumerable.Range(0, 8).Select(i => Account(("Name", "old"))).ToArray();
        var job = await Session.BulkAsync("SELECT Id, Name FROM Account");
        for (var second = 0; second < 4; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            // After two of four steps both halves change: the job shows the old first and the new second one, and the record that came meanwhile.
            if (second == 1)
            {
                Simulated.Org.Commit(t => t.Update("Account", ids, new Dictionary<string, object?> { ["Name"] = "new" }));
                Account(("Name", "late"));
            }
        }
        at.Count.ShouldBe(4);
        at.Distinct().Count().ShouldBe(4);
        (await Session.StateAsync(job)).ShouldBe("JobComplete");
        var rows = (await Session.GetAsync($"jobs/query/{job}/results")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).ToArray();
        rows.Select(row => row.Split(',')[1]).ShouldBe(["\"old\"", "\"old\"", "\"old\"", "\"old\"", "\"new\"", "\"new\"", "\"new\"", "\"new\"", "\"late\""]);
        rows.Take(8).Select(row => row[1..19]).ShouldBe(ids);
    }

    [Fact]
    public async Task Query_all_has_the_recycle_bin_and_query_has_not()
    {
        await StartAsync();
        var kept = Account(("Name", "kept"));
        var gone = Account(("Name", "gone"));
        Simulated.Org.Commit(t => t.Delete("Account", gone));
        (await RowsAsync("SELECT Id, IsDeleted FROM Account", "query")).ShouldBe([$"\"{kept}\",\"false\""]);
        (await RowsAsync("SELECT Id, IsDeleted FROM Account", "queryAll")).ShouldBe([$"\"{kept}\",\"false\"", $"\"{gone}\",\"true\""]);
        (await RowsAsync("SELECT Id FROM Account WHERE IsDeleted = true", "queryAll")).ShouldBe([$"\"{gone}\""]);
    }

    [Fact]
    public async Task Job_is_for_its_version_may_be_aborted_and_deleted_and_is_forgotten_after_a_week()
    {
        await StartAsync(new BulkRules { Duration = TimeSpan.FromMinutes(1) });
        Account(("Name", "one"));
        var aborted = await Session.BulkAsync("SELECT Id FROM Account");
        (await Session.SendAsync(HttpMethod.Delete, "jobs/query/" + aborted)).Refusal.ShouldBe((400, "API_ERROR"));
        var patched = await Session.SendAsync(HttpMethod.Patch, "jobs/query/" + aborted, """{"state":"Aborted"}""");
        (patched.Status, patched.Json.GetProperty("state").GetString()).ShouldBe((HttpStatusCode.OK, "Aborted"));
        (await Session.GetAsync($"jobs/query/{aborted}/results")).Refusal.ShouldBe((400, "INVALIDJOBSTATE"));
        (await Session.SendAsync(HttpMethod.Delete, "jobs/query/" + aborted)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await Session.GetAsync("jobs/query/" + aborted)).Refusal.ShouldBe((404, "NOT_FOUND"));

        var job = await Session.BulkAsync("SELECT Id FROM Account");
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await Session.StateAsync(job)).ShouldBe("JobComplete");
        (await Session.SendAsync(HttpMethod.Patch, "jobs/query/" + job, """{"state":"Aborted"}""")).Refusal.ShouldBe((400, "INVALIDJOBSTATE"));
        (await Session.GetAsync($"/services/data/v65.0/jobs/query/{job}/results")).Status.ShouldBe(HttpStatusCode.Conflict);
        var list = (await Session.GetAsync("jobs/query")).Json;
        list.GetProperty("done").GetBoolean().ShouldBeTrue();
        list.GetProperty("records").EnumerateArray().ShouldHaveSingleItem().GetProperty("id").GetString().ShouldBe(job);
        _clock.Advance(TimeSpan.FromDays(7));
        (await Session.GetAsync($"jobs/query/{job}/results")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Ordered_faults_strike_jobs_and_pages()
    {
        await StartAsync(new BulkRules { PageRows = 4 });
        for (var i = 0; i < 10; i++) Account(("Name", $"A{i}"));
        Simulated.Faults.Arm(FaultKind.FailBulkJob, new FaultOrder { ErrorCode = "EXCEEDED_ID_LIMIT" });
        Simulated.Faults.Arm(FaultKind.HangBulkJob);
        Simulated.Faults.Arm(FaultKind.AbortBulkJob);
        var failed = (await Session.GetAsync("jobs/query/" + await Session.BulkAsync("SELECT Id FROM Account"))).Json;
        (failed.GetProperty("state").GetString(), failed.GetProperty("errorMessage").GetString()).ShouldBe(("Failed", "EXCEEDED_ID_LIMIT"));
        (await Session.StateAsync(await Session.BulkAsync("SELECT Id FROM Account"))).ShouldBe("Aborted");
        var hanging = await Session.BulkAsync("SELECT Id FROM Account");
        _clock.Advance(TimeSpan.FromHours(20));
        (await Session.StateAsync(hanging)).ShouldBe("InProgress");

        var job = await Session.BulkAsync("SELECT Id FROM Account");
        await Session.StateAsync(job);
        Simulated.Faults.Arm(FaultKind.ShortResultPage);
        Simulated.Faults.Arm(FaultKind.CutResultPage, new FaultOrder { AfterCalls = 1 });
        var less = await Session.GetAsync($"jobs/query/{job}/results");
        (less.Headers["Sforce-NumberOfRecords"], less.Text.Split('\n').Length - 2).ShouldBe(("4", 3));
        await Should.ThrowAsync<HttpRequestException>(() => Session.GetAsync($"jobs/query/{job}/results"));
        var whole = await Session.GetAsync($"jobs/query/{job}/results");
        (whole.Text.Split('\n').Length - 2).ShouldBe(4);

        Simulated.Faults.Arm(FaultKind.ExpireLocator);
        (await Session.GetAsync($"jobs/query/{job}/results?locator={whole.Headers["Sforce-Locator"]}")).Status.ShouldBe(HttpStatusCode.NotFound);
        Simulated.Faults.Arm(FaultKind.NoResultPages);
        (await Session.GetAsync($"jobs/query/{job}/resultPages")).Status.ShouldBe(HttpStatusCode.NotFound);
        Simulated.Faults.Arm(FaultKind.ExpireBulkJob);
        (await Session.GetAsync($"jobs/query/{job}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Session.GetAsync($"jobs/query/{job}")).Status.ShouldBe(HttpStatusCode.NotFound);
        Simulated.Faults.Fired.Values.ShouldAllBe(times => times == 1);
        Simulated.Faults.Fired.Count.ShouldBe(8);
    }

    private async Task StartAsync(BulkRules? rules = null)
    {
        _simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings { Bulk = rules ?? new BulkRules() }, _clock, CancellationToken.None);
        _session = await RestSession.SignInAsync(_simulated);
    }

    private string Account(params (string Field, object? Value)[] values)
    {
        var id = "";
        Simulated.Org.Commit(t => id = t.Create("Account", values.ToDictionary(pair => pair.Field, pair => pair.Value)));
        return id;
    }

    private async Task<string[]> RowsAsync(string soql, string operation)
    {
        var job = await Session.BulkAsync(soql, operation);
        (await Session.StateAsync(job)).ShouldBe("JobComplete");
        return (await Session.GetAsync($"jobs/query/{job}/results")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
    }
}
