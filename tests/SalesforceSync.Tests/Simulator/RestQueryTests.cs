using System.Net;
using System.Text.Json;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Simulator;

/// <summary>SOQL, records by id and replication calls, over the wire as the REST documents have them.</summary>
public sealed class RestQueryTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private SimulatedSalesforce _simulated = null!;
    private RestSession _session = null!;

    public async Task InitializeAsync()
    {
        _simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), _clock, CancellationToken.None);
        _session = await RestSession.SignInAsync(_simulated);
    }

    public async Task DisposeAsync()
    {
        _session.Dispose();
        await _simulated.DisposeAsync();
    }

    [Fact]
    public async Task Record_comes_with_attributes_and_values_in_rest_form()
    {
        _clock.Advance(TimeSpan.FromMilliseconds(123));
        var id = Create("Account", ("Name", "Ünïted \"Oil\""), ("AnnualRevenue", 139_000_000d), ("NumberOfEmployees", 7), ("Amount_Owed__c", 0.1), ("Opens_At__c", new TimeOnly(8, 30)),
            ("BillingCity", "Bern"), ("BillingLatitude", 46.95), ("IsPriority__c", true), ("SLAExpirationDate__c", new DateOnly(2027, 1, 31)));
        var answer = await _session.QueryAsync(
            "SELECT Id, name, AnnualRevenue, NumberOfEmployees, Amount_Owed__c, Opens_At__c, BillingAddress, ShippingAddress, IsPriority__c, SLAExpirationDate__c, SystemModstamp, CreatedDate, IsDeleted FROM Account");
        answer.Text.ShouldBe($$"""
            {"totalSize":1,"done":true,"records":[{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/{{id}}"},"Id":"{{id}}","Name":"Ünïted \"Oil\"","AnnualRevenue":1.39E8,"NumberOfEmployees":7,"Amount_Owed__c":0.1,"Opens_At__c":"08:30:00.000Z","BillingAddress":{"city":"Bern","country":null,"countryCode":null,"geocodeAccuracy":null,"latitude":46.95,"longitude":null,"postalCode":null,"state":null,"stateCode":null,"street":null},"ShippingAddress":null,"IsPriority__c":true,"SLAExpirationDate__c":"2027-01-31","SystemModstamp":"2026-11-20T10:00:00.123+0000","CreatedDate":"2026-11-20T10:00:00.000+0000","IsDeleted":false}]}
            """);
        answer.Headers["Content-Type"].ShouldBe("application/json; charset=UTF-8");

        Create("Contact", ("FirstName", "Ada"), ("LastName", "King"), ("Suffix", "Lady"));
        (await _session.QueryAsync("SELECT Name FROM Contact")).Json.GetProperty("records")[0].GetProperty("Name").GetString().ShouldBe("Ada King Lady");
    }

    [Theory]
    [InlineData("Name = 'b'", "b")]
    [InlineData("name != 'B'", "a c d")]
    [InlineData("NumberOfEmployees > 1 AND NumberOfEmployees <= 3", "b c")]
    [InlineData("NumberOfEmployees < 2 OR NumberOfEmployees >= 3", "a c")]
    [InlineData("NOT NumberOfEmployees = 1", "b c d")]
    [InlineData("NumberOfEmployees = null", "d")]
    [InlineData("NumberOfEmployees != null AND (Name = 'a' OR Name = 'd')", "a")]
    [InlineData("Name IN ('a','C')", "a c")]
    [InlineData("Name NOT IN ('a','C')", "b d")]
    [InlineData("Description LIKE 'with \\'quote%'", "a")]
    [InlineData("Description LIKE '100\\%'", "b")]
    [InlineData("Description LIKE '1_0%'", "b c")]
    [InlineData("Description = 'two\\nlines \\\\ \\u00fc'", "d")]
    [InlineData("SLAExpirationDate__c < 2026-03-01", "a b")]
    [InlineData("Last_Audit__c >= 2026-02-01T12:00:00+02:00", "b c")]
    [InlineData("Last_Audit__c = 2026-02-01T10:00:00.000Z", "b")]
    [InlineData("IsPriority__c = TRUE", "a c")]
    [InlineData("Amount_Owed__c = 1.1e0", "a")]
    [InlineData("Amount_Owed__c > -1", "a b c")]
    public async Task Conditions_find_what_they_say(string where, string found)
    {
        Create("Account", ("Name", "a"), ("NumberOfEmployees", 1), ("Description", "with 'quote'"), ("SLAExpirationDate__c", new DateOnly(2026, 1, 1)), ("IsPriority__c", true), ("Amount_Owed__c", 1.1),
            ("Last_Audit__c", new DateTimeOffset(2026, 1, 1, 10, 0, 0, TimeSpan.Zero)));
        Create("Account", ("Name", "b"), ("NumberOfEmployees", 2), ("Description", "100%"), ("SLAExpirationDate__c", new DateOnly(2026, 2, 1)), ("Amount_Owed__c", 2d),
            ("Last_Audit__c", new DateTimeOffset(2026, 2, 1, 10, 0, 0, TimeSpan.Zero)));
        Create("Account", ("Name", "c"), ("NumberOfEmployees", 3), ("Description", "100x"), ("SLAExpirationDate__c", new DateOnly(2026, 3, 1)), ("IsPriority__c", true), ("Amount_Owed__c", 3d),
            ("Last_Audit__c", new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero)));
        Create("Account", ("Name", "d"), ("Description", "two\nlines \\ ü"));
        (await NamesAsync($"SELECT Name FROM Account WHERE {where}")).ShouldBe(found);
    }

    [Fact]
    public async Task Order_limit_and_keyset_page_through_a_table()
    {
        var ids = new List<string>();
        foreach (var (name, staff) in new (string, int?)[] { ("a", 2), ("b", null), ("c", 1), ("d", 2) })
            ids.Add(Create("Account", ("Name", name), ("NumberOfEmployees", staff)));
        (await NamesAsync("SELECT Name FROM Account ORDER BY NumberOfEmployees, Name DESC")).ShouldBe("b c d a");
        (await NamesAsync("SELECT Name FROM Account ORDER BY NumberOfEmployees DESC NULLS LAST, Name ASC LIMIT 3")).ShouldBe("a d c");
        (await NamesAsync($"SELECT Name FROM Account WHERE Id > '{ids[0]}' ORDER BY Id LIMIT 2")).ShouldBe("b c");
        // Fifteen characters will do.
        (await NamesAsync($"SELECT Name FROM Account WHERE Id IN ('{ids[1][..15]}', '{ids[3]}')")).ShouldBe("b d");
        (await NamesAsync("SELECT Name FROM Account WHERE SystemModstamp > 2026-11-20T10:00:00Z OR (SystemModstamp = 2026-11-20T10:00:00Z AND Id > '" + ids[2] + "')")).ShouldBe("d");
        (await _session.QueryAsync("SELECT count() FROM Account WHERE NumberOfEmployees = 2")).Text.ShouldBe("""{"totalSize":2,"done":true,"records":[]}""");
    }

    [Theory]
    [InlineData("SELECT Nope FROM Account", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Account WHERE Nope = 1", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Account ORDER BY Nope", "INVALID_FIELD")]
    [InlineData("SELECT Id, id FROM Account", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Account WHERE BillingAddress = 'x'", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Account WHERE Id = 'short'", "INVALID_QUERY_FILTER_OPERATOR")]
    [InlineData("SELECT Id FROM Account WHERE NumberOfEmployees LIKE '1%'", "INVALID_QUERY_FILTER_OPERATOR")]
    [InlineData("SELECT Id FROM Nothing__c", "INVALID_TYPE")]
    [InlineData("SELECT Id FROM", "MALFORMED_QUERY")]
    [InlineData("SELECT Id Name FROM Account", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Account WHERE Name = '\\q'", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Account WHERE CreatedDate > 2026-13-01", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Account; DROP", "MALFORMED_QUERY")]
    public async Task Query_that_cannot_be_run_is_refused(string soql, string code) => (await _session.QueryAsync(soql)).Refusal.ShouldBe((400, code));

    [Fact]
    public async Task Pages_of_a_query_hold_200_to_2000_records_and_name_the_next()
    {
        for (var i = 0; i < 450; i++) Create("Account", ("Name", $"{i:000}"));
        var first = await _session.GetAsync("query?q=SELECT+Name+FROM+Account", ("Sforce-Query-Options", "batchSize=50"));
        (first.Json.GetProperty("totalSize").GetInt32(), first.Json.GetProperty("done").GetBoolean(), first.Json.GetProperty("records").GetArrayLength()).ShouldBe((450, false, 200));
        var next = first.Json.GetProperty("nextRecordsUrl").GetString()!;
        next.ShouldBe("/services/data/v66.0/query/01gDp0000000001IAA-200");
        var second = (await _session.GetAsync(next)).Json;
        var third = (await _session.GetAsync(second.GetProperty("nextRecordsUrl").GetString()!)).Json;
        third.GetProperty("done").GetBoolean().ShouldBeTrue();
        third.TryGetProperty("nextRecordsUrl", out _).ShouldBeFalse();
        string.Join(',', new[] { first.Json, second, third }.SelectMany(Names)).ShouldBe(string.Join(',', Enumerable.Range(0, 450).Select(i => $"{i:000}")));
        (await _session.GetAsync("query/01gDp0000000009IAA-200")).Refusal.ShouldBe((400, "INVALID_QUERY_LOCATOR"));
        _clock.Advance(TimeSpan.FromDays(2));
        (await _session.GetAsync(next)).Refusal.ShouldBe((400, "INVALID_QUERY_LOCATOR"));
    }

    [Fact]
    public async Task Query_all_shows_deleted_and_merged_records_and_nothing_shows_purged_ones()
    {
        var (kept, lost, purged) = (Create("Account", ("Name", "kept")), Create("Account", ("Name", "lost")), Create("Account", ("Name", "purged")));
        _simulated.Org.Commit(t => t.Merge("Account", kept, [lost], new Dictionary<string, object?> { ["Phone"] = "1" }).Purge("Account", purged));
        (await NamesAsync("SELECT Name FROM Account")).ShouldBe("kept");
        var all = await _session.GetAsync("queryAll?q=" + Uri.EscapeDataString("SELECT Name, IsDeleted, MasterRecordId FROM Account WHERE MasterRecordId != null"));
        all.Json.GetProperty("records").EnumerateArray().Select(r => $"{r.GetProperty("Name")} {r.GetProperty("IsDeleted")} {r.GetProperty("MasterRecordId")}").ShouldBe([$"lost True {kept}"]);
        (await NamesAsync("SELECT Name FROM Account", "queryAll")).ShouldBe("kept lost");
    }

    [Fact]
    public async Task Collection_answers_by_position_and_null_for_what_it_does_not_show()
    {
        var (live, deleted, contact) = (Create("Account", ("Name", "live")), Create("Account", ("Name", "deleted")), Create("Contact", ("LastName", "other")));
        _simulated.Org.Commit(t => t.Delete("Account", deleted));
        var body = $$"""{"ids":["{{deleted}}","{{live}}","{{contact}}","001Dp00000Zzzzz","nonsense","{{live[..15]}}"],"fields":["name"]}""";
        var record = $$"""{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/{{live}}"},"Id":"{{live}}","Name":"live"}""";
        (await _session.PostAsync("composite/sobjects/Account", body)).Text.ShouldBe($"[null,{record},null,null,null,{record}]");
        (await _session.GetAsync($"composite/sobjects/Account?ids={live},{deleted}&fields=Id,Name")).Text.ShouldBe($"[{record},null]");
        (await _session.PostAsync("composite/sobjects/Account", $$"""{"ids":["{{live}}"],"fields":["Name","Nope"]}""")).Refusal.ShouldBe((400, "INVALID_FIELD"));
        _simulated.Org.Access.Show("Account", "Phone", shown: false);
        (await _session.PostAsync("composite/sobjects/Account", $$"""{"ids":["{{live}}"],"fields":["Phone"]}""")).Refusal.ShouldBe((400, "INVALID_FIELD"));
        var many = JsonSerializer.Serialize(new { ids = Enumerable.Repeat(live, 2001), fields = new[] { "Id" } });
        (await _session.PostAsync("composite/sobjects/Account", many)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _session.PostAsync("composite/sobjects/Account", many.Replace($"\"{live}\",", "", StringComparison.Ordinal))).Status.ShouldBe(HttpStatusCode.OK);
        (await _session.PostAsync("composite/sobjects/Account", "not json")).Refusal.ShouldBe((400, "JSON_PARSER_ERROR"));
        (await _session.GetAsync($"sobjects/Account/{live}?fields=Name")).Json.GetProperty("Name").GetString().ShouldBe("live");
        (await _session.GetAsync($"sobjects/Account/{deleted}")).Refusal.ShouldBe((404, "NOT_FOUND"));

        _simulated.Org.Access.Allow("Account", allowed: false);
        (await _session.PostAsync("composite/sobjects/Account", body)).Refusal.ShouldBe((404, "NOT_FOUND"));
        (await _session.QueryAsync("SELECT Id FROM Account")).Refusal.ShouldBe((400, "INVALID_TYPE"));
        (await _session.GetAsync("sobjects/Account/describe")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _session.GetAsync("sobjects")).Json.GetProperty("sobjects").EnumerateArray().Select(o => o.GetProperty("name").GetString()).ShouldNotContain("Account");
    }

    [Fact]
    public async Task Updated_and_deleted_cover_whole_minutes()
    {
        var early = Create("Account", ("Name", "early"));
        var (gone, purged) = (Create("Account", ("Name", "gone")), Create("Account", ("Name", "purged")));
        _clock.Advance(TimeSpan.FromMinutes(10));
        var late = Create("Account", ("Name", "late"));
        _simulated.Org.Commit(t => t.Delete("Account", gone).Purge("Account", purged));
        _clock.Advance(TimeSpan.FromMinutes(10));
        const string window = "/?start=2026-11-20T10%3A05%3A59Z&end=2026-11-20T10%3A15%3A30%2B00%3A00";
        (await _session.GetAsync("sobjects/Account/updated" + window)).Text.ShouldBe($$"""{"ids":["{{late}}"],"latestDateCovered":"2026-11-20T10:15:00.000+0000"}""");
        (await _session.GetAsync("sobjects/Account/deleted" + window)).Text.ShouldBe(
            $$"""{"deletedRecords":[{"id":"{{gone}}","deletedDate":"2026-11-20T10:10:00.000+0000"},{"id":"{{purged}}","deletedDate":"2026-11-20T10:10:00.000+0000"}],"earliestDateAvailable":"2026-11-05T10:20:00.000+0000","latestDateCovered":"2026-11-20T10:15:00.000+0000"}""");
        (await _session.GetAsync("sobjects/Account/updated?start=2026-11-20T10:00:00Z&end=2026-11-20T12:00:00Z")).Text
            .ShouldBe($$"""{"ids":["{{early}}","{{late}}"],"latestDateCovered":"2026-11-20T10:20:00.000+0000"}""");
        (await _session.GetAsync("sobjects/Account/updated?start=2026-11-20T10:00:10Z&end=2026-11-20T10:00:50Z")).Refusal.ShouldBe((400, "INVALID_REPLICATION_DATE"));
        (await _session.GetAsync("sobjects/Account/updated?start=2026-10-20T10:00:00Z&end=2026-11-20T10:00:50Z")).Refusal.ShouldBe((400, "INVALID_REPLICATION_DATE"));
        (await _session.GetAsync("sobjects/Account/deleted?start=2026-11-04T10:00:00Z&end=2026-11-20T10:00:50Z")).Refusal.ShouldBe((400, "INVALID_REPLICATION_DATE"));
    }

    [Fact]
    public async Task Tooling_tells_what_each_channel_carries()
    {
        var members = await _session.GetAsync("tooling/query?q=" + Uri.EscapeDataString(
            "SELECT Id, SelectedEntity, EventChannel, FilterExpression FROM PlatformEventChannelMember WHERE EventChannel = 'Sales__chn' ORDER BY SelectedEntity DESC"));
        members.Text.ShouldBe("""
            {"size":2,"totalSize":2,"done":true,"queryLocator":null,"entityTypeName":"PlatformEventChannelMember","records":[{"attributes":{"type":"PlatformEventChannelMember","url":"/services/data/v66.0/tooling/sobjects/PlatformEventChannelMember/0v8Dp0000000007IAA"},"Id":"0v8Dp0000000007IAA","SelectedEntity":"OpportunityChangeEvent","EventChannel":"Sales__chn","FilterExpression":null},{"attributes":{"type":"PlatformEventChannelMember","url":"/services/data/v66.0/tooling/sobjects/PlatformEventChannelMember/0v8Dp0000000006IAA"},"Id":"0v8Dp0000000006IAA","SelectedEntity":"AccountChangeEvent","EventChannel":"Sales__chn","FilterExpression":null}]}
            """);
        (await ToolingAsync("SELECT SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'"))
            .ShouldBe(["AccountChangeEvent", "ContactChangeEvent", "LeadChangeEvent", "OpportunityChangeEvent", "Invoice__ChangeEvent"], ignoreOrder: true);
        (await ToolingAsync("SELECT FullName FROM PlatformEventChannel")).ShouldBe(["Sales__chn"]);
        _simulated.Org.Access.Show("Lead", "Phone", shown: false);
        var leads = await ToolingAsync("SELECT QualifiedApiName FROM EntityParticle WHERE EntityDefinition.QualifiedApiName = 'Lead'");
        leads.ShouldContain("FirstName");
        leads.ShouldNotContain("Phone");
        leads.ShouldNotContain("Address");
        (await ToolingAsync("SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Lead'")).ShouldContain("Address");
        (await _session.GetAsync("tooling/query?q=SELECT+Id+FROM+ApexClass")).Refusal.ShouldBe((400, "INVALID_TYPE"));
    }

    private string Create(string objectName, params (string Field, object? Value)[] values)
    {
        var id = "";
        _simulated.Org.Commit(t => id = t.Create(objectName, values.ToDictionary(pair => pair.Field, pair => pair.Value)));
        return id;
    }

    private async Task<string> NamesAsync(string soql, string resource = "query")
    {
        var answer = await _session.GetAsync($"{resource}?q={Uri.EscapeDataString(soql)}");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        return string.Join(' ', Names(answer.Json));
    }

    private static IEnumerable<string> Names(JsonElement page) => page.GetProperty("records").EnumerateArray().Select(r => r.GetProperty("Name").GetString()!);

    private async Task<string[]> ToolingAsync(string soql)
    {
        var answer = await _session.GetAsync("tooling/query?q=" + Uri.EscapeDataString(soql));
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        return [.. answer.Json.GetProperty("records").EnumerateArray().Select(r => r.EnumerateObject().Last().Value.GetString()!)];
    }
}
