using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Salesforce;

namespace SalesforceSync.Tests.Snapshot;

/// <summary>The rows of a job whose results come in pages.</summary>
public class BulkRowsTests
{
    private static readonly SignInFlow Flow = new SignInFlow.ClientCredentials("id", new("secret"));

    [Fact]
    public async Task Pages_are_read_to_the_last_and_the_place_after_each_part_is_told()
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = async context =>
        {
            var page = context.Request.Query["locator"].ToString() switch { "" => 1, "two" => 2, _ => 3 };
            context.Response.ContentType = "text/csv";
            context.Response.Headers["Sforce-NumberOfRecords"] = "1";
            context.Response.Headers["Sforce-Locator"] = page switch { 1 => "two", 2 => "three", _ => "null" };
            await context.Response.WriteAsync($"Id,IsDeleted,SystemModstamp,Name,Total__c\n00100000000000{page}AAA,false,,{page},\n");
        };
        using var tokens = server.Source(Flow);
        using var http = new SalesforceHttp(null, TimeProvider.System, NullLogger.Instance);
        var rows = new BulkRows(new(server.Org(Flow), tokens, http), "acme", new(), NullLogger.Instance);
        var read = new Read(
            1, "Account", "/data/ChangeEvents", ReadKind.Snapshot, "start", ReadState.Merging, Proves: true, null, null, [], 0, null, 0, "750R", null, 0, 3, 0, 1);

        var parts = new List<RowPart>();
        await foreach (var part in rows.ReadAsync(read, CsvPageTests.Shape, pages: 10, CancellationToken.None))
            parts.Add(part);

        parts.SelectMany(part => part.Rows).Select(row => row.Values[0].Text).ShouldBe(["1", "2", "3"]);
        parts.Select(part => part.After.ToString()).ShouldBe(["0:two", "0:three", "end"]);
        parts.Sum(part => part.Calls).ShouldBe(3);
    }
}
