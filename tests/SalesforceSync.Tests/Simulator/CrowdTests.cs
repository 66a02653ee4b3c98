using System.Net;
using System.Text.Json;
using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Simulator;

/// <summary>Very many records that are computed when read are records like all others to a client.</summary>
public sealed class CrowdTests : IAsyncLifetime
{
    private const int Count = 5000;
    private SimulatedSalesforce _simulated = null!;
    private RestSession _session = null!;
    private string _own = "";

    public async Task InitializeAsync()
    {
        var settings = new SimulatorSettings { Crowd = new Dictionary<string, int> { ["Account"] = Count, ["Contact"] = Count }, Bulk = new BulkRules { PageRows = 1900 } };
        _simulated = await SimulatedSalesforce.StartAsync(settings, new ManualClock(), CancellationToken.None);
        _session = await RestSession.SignInAsync(_simulated);
        _simulated.Org.Commit(t => _own = t.Create("Account", new Dictionary<string, object?> { ["Name"] = "one of its own" }));
    }

    public async Task DisposeAsync()
    {
        _session.Dispose();
        await _simulated.DisposeAsync();
    }

    [Theory]
    [InlineData("Account")]
    [InlineData("Contact")]
    public async Task Bulk_and_rest_tell_the_same_of_every_member_and_field(string objectName)
    {
        var described = (await _session.GetAsync($"sobjects/{objectName}/describe")).Json.GetProperty("fields").EnumerateArray();
        var fields = described.Where(f => f.GetProperty("type").GetString() is not ("address" or "location")).Select(f => f.GetProperty("name").GetString()!).ToArray();
        var job = await _session.BulkAsync($"SELECT {string.Join(',', fields)} FROM {objectName}");
        (await _session.StateAsync(job)).ShouldBe("JobComplete");
        var rows = new List<string[]>();
        for (var locator = ""; locator != "null";)
        {
            var page = await _session.GetAsync($"jobs/query/{job}/results{(locator.Length > 0 ? "?locator=" + locator : "")}");
            var records = Csv(page.Text);
            page.Headers["Sforce-NumberOfRecords"].ShouldBe($"{records.Count - 1}");
            rows.AddRange(records.Skip(1));
            locator = page.Headers["Sforce-Locator"];
        }
        rows.Count.ShouldBe(objectName == "Account" ? Count + 1 : Count);
        if (objectName == "Account") rows[0][0].ShouldBe(_own);
        rows.Zip(rows.Skip(1)).ShouldAllBe(pair => string.CompareOrdinal(pair.First[0], pair.Second[0]) < 0);

        var ids = rows.Skip(1).Take(1000).Concat(rows.TakeLast(1000)).Select(row => row[0]).ToArray();
        var answer = await _session.PostAsync("composite/sobjects/" + objectName, JsonSerializer.Serialize(new { ids, fields }));
        answer.Status.ShouldBe(HttpStatusCode.OK);
        foreach (var (record, id) in answer.Json.EnumerateArray().Zip(ids))
        {
            var row = rows.Find(r => r[0] == id)!;
            for (var i = 0; i < fields.Length; i++)
            {
                var value = record.GetProperty(fields[i]);
                var text = value.ValueKind == JsonValueKind.String ? value.GetString()!.Replace("+0000", "Z", StringComparison.Ordinal) : value.ValueKind == JsonValueKind.Null ? "" : value.GetRawText();
                if (row[i] != text) row[i].ShouldBe(text, fields[i]);
            }
        }
    }

    [Fact]
    public async Task Keyset_pages_through_the_whole_object_and_conditions_look_inside()
    {
        var (seen, after) = (0, "000000000000000AAA");
        while (true)
        {
            var page = (await _session.QueryAsync($"SELECT Id FROM Account WHERE Id > '{after}' ORDER BY Id LIMIT 2000")).Json.GetProperty("records");
            if (page.GetArrayLength() == 0) break;
            seen += page.GetArrayLength();
            after = page[page.GetArrayLength() - 1].GetProperty("Id").GetString()!;
        }
        seen.ShouldBe(Count + 1);
        (await _session.QueryAsync("SELECT count() FROM Account WHERE NumberOfEmployees >= 4000")).Json.GetProperty("totalSize").GetInt32()
            .ShouldBe(Enumerable.Range(4000, 1000).Count(i => !CrowdValues.IsEmpty(_simulated.Org["Account"]["NumberOfEmployees"], i)));
        var some = await _session.BulkAsync($"SELECT Id FROM Account WHERE Id > '{after}' AND Name != 'x'");
        (await _session.StateAsync(some)).ShouldBe("JobComplete");
        (await _session.GetAsync($"jobs/query/{some}/results")).Text.ShouldBe("\"Id\"\n");
        _simulated.Org.Truth().Records.Count.ShouldBe(1);
    }

    private static List<string[]> Csv(string text)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            text[at].ShouldBe('"');
            var value = new System.Text.StringBuilder();
            for (at++; text[at] != '"' || text[at + 1] == '"'; at++)
            {
                value.Append(text[at]);
                if (text[at] == '"') at++;
            }
            row.Add(value.ToString());
            at++;
            if (text[at++] == ',') continue;
            rows.Add([.. row]);
            row.Clear();
        }
        return rows;
    }
}
