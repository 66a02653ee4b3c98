using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Tests.Salesforce;

public class RestQueryTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly SignInFlow Flow = new SignInFlow.ClientCredentials("id", new("secret"));

    [Fact]
    public async Task A_query_follows_its_pages_and_a_link_to_another_host_gets_no_token()
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => context.Response.WriteAsync(context.Request.Path.Value! switch
        {
            "/services/data/v66.0/queryAll" when context.Request.Query["q"] == "select Id from Account where Name = 'a+b&c'" =>
                """{ "done": false, "nextRecordsUrl": "https://evil.example/services/data/v66.0/query/2", "records": [ { "Id": "1", "N": 1.10 } ] }""",
            "/services/data/v66.0/query/2" => """{ "done": true, "records": [ { "Id": "2", "N": 12345678901234567890.5 } ] }""",
            _ => "{}",
        });
        using var tokens = server.Source(Flow);
        var pages = new List<IReadOnlyList<JsonElement>>();
        await foreach (var page in Client(server, tokens).QueryAsync("select Id from Account where Name = 'a+b&c'", all: true, CallClass.Repair, None))
            pages.Add(page);
        pages.Select(p => p.Count).ShouldBe([1, 1]);
        pages[0][0].GetProperty("N").GetRawText().ShouldBe("1.10");
        pages[1][0].GetProperty("N").GetRawText().ShouldBe("12345678901234567890.5");
        server.Gets.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_page_that_is_not_the_last_and_names_no_next_is_no_end()
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => context.Response.WriteAsync("""{ "done": false, "records": [] }""");
        using var tokens = server.Source(Flow);
        var client = Client(server, tokens);
        await Should.ThrowAsync<RestException>(async () => await client.QueryAsync("select Id from Account", false, CallClass.Repair, None).GetAsyncEnumerator().MoveNextAsync());
    }

    [Fact]
    public void A_query_too_long_for_a_URL_is_refused_before_it_leaves()
    {
        using var http = new SalesforceHttp(null, TimeProvider.System, NullLogger.Instance);
        var org = new OrgOptions { Name = "acme", LoginUrl = new("https://x"), Auth = Flow, Schema = "acme" };
        using var tokens = new TokenSource(org, http, null, TimeProvider.System, NullLogger.Instance);
        var client = new RestClient(org, tokens, http);
        var soql = $"select Id from Account where Id in ('{string.Join("','", Enumerable.Repeat("001000000000001AAA", 700))}')";
        client.Fits(soql).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => client.QueryAsync(soql, false, CallClass.Repair, None)).Message.ShouldContain("15000 is the most");
    }

    [Fact]
    public async Task Retrieve_keeps_places_and_nulls_and_exact_numbers()
    {
        await using var server = await LoginServer.StartAsync();
        string? asked = null;
        server.Rest = async context =>
        {
            context.Request.Method.ShouldBe("POST");
            asked = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsync("""[ null, { "attributes": {}, "Id": "001000000000002AAA", "Amount__c": 0.1000 } ]""");
        };
        using var tokens = server.Source(Flow);
        var records = await Client(server, tokens).RetrieveAsync("Account", ["001000000000001AAA", "001000000000002AAA"], ["Id", "Amount__c"], CallClass.Repair, None);
        records[0].ShouldBeNull();
        records[1]!.Value.GetProperty("Amount__c").GetRawText().ShouldBe("0.1000");
        asked.ShouldBe("""{"ids":["001000000000001AAA","001000000000002AAA"],"fields":["Id","Amount__c"]}""");
        server.Gets.ShouldHaveSingleItem().ShouldBe("/services/data/v66.0/composite/sobjects/Account");
    }

    [Theory]
    [InlineData("""[ { "Id": "001000000000002AAA" }, { "Id": "001000000000001AAA" } ]""")]
    [InlineData("""[ { "Id": "001000000000001AAA" } ]""")]
    [InlineData("""{ "records": [] }""")]
    public async Task An_answer_that_does_not_fit_its_ids_is_refused(string answer)
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => context.Response.WriteAsync(answer);
        using var tokens = server.Source(Flow);
        await Should.ThrowAsync<RestException>(() =>
            Client(server, tokens).RetrieveAsync("Account", ["001000000000001AAA", "001000000000002AAA"], ["Id"], CallClass.Repair, None));
    }

    [Fact]
    public async Task An_answer_too_long_to_be_taken_is_asked_for_in_halves()
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = async context =>
        {
            using var asked = await JsonDocument.ParseAsync(context.Request.Body);
            var ids = asked.RootElement.GetProperty("ids").EnumerateArray().Select(i => i.GetString()).ToArray();
            await context.Response.WriteAsync("[");
            for (var i = 0; i < ids.Length; i++)
                await context.Response.WriteAsync($$"""{{(i == 0 ? "" : ",")}}{ "Id": "{{ids[i]}}", "Text": "{{new string('x', 40 * 1024 * 1024)}}" }""");
            await context.Response.WriteAsync("]");
        };
        using var tokens = server.Source(Flow);
        var records = await Client(server, tokens).RetrieveAsync("Account", ["001000000000001AAA", "001000000000002AAA"], ["Id", "Text"], CallClass.Repair, None);
        records.Select(r => r!.Value.GetProperty("Id").GetString()).ShouldBe(["001000000000001AAA", "001000000000002AAA"]);
        server.Gets.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_describe_without_its_optional_attributes_is_read()
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => context.Response.WriteAsync("""
            { "name": "Account", "keyPrefix": "001", "fields": [
                { "name": "Id", "type": "id" },
                { "name": "Name", "type": "string", "compoundFieldName": "Name", "nillable": false, "length": 255 },
                { "name": "BillingCity", "type": "string", "compoundFieldName": "BillingAddress" },
                { "name": "Rate__c", "type": "percent", "precision": 18, "scale": 4, "calculated": true } ] }
            """);
        using var tokens = server.Source(Flow);
        var shape = (await Client(server, tokens).DescribeAsync("Account", None))!;
        (shape.Name, shape.KeyPrefix, shape.Queryable, shape.Replicateable).ShouldBe(("Account", "001", true, true));
        shape.Fields.ShouldBe([
            new("Id", "id", null, false, true, 0, 0, 0, null), new("Name", "string", null, false, false, 255, 0, 0, null),
            new("BillingCity", "string", "BillingAddress", false, true, 0, 0, 0, null), new("Rate__c", "percent", null, true, true, 0, 18, 4, null)]);
    }

    [Theory]
    [InlineData(404, "NOT_FOUND")]
    [InlineData(400, "INVALID_TYPE")]
    public async Task An_object_the_user_does_not_see_is_no_error(int status, string code)
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => RefuseAsync(context, status, code);
        using var tokens = server.Source(Flow);
        (await Client(server, tokens).DescribeAsync("Hidden__c", None)).ShouldBeNull();
    }

    [Fact]
    public async Task Salesforces_clock_is_told_by_its_answers()
    {
        await using var server = await LoginServer.StartAsync();
        var ahead = TimeSpan.FromHours(3);
        server.Rest = context =>
        {
            context.Response.Headers.Date = (TimeProvider.System.GetUtcNow() + ahead).ToString("R");
            return context.Response.WriteAsync("""{ "sobjects": [ { "name": "Account", "keyPrefix": "001", "queryable": true, "replicateable": false }, { "odd": 1 } ] }""");
        };
        using var tokens = server.Source(Flow);
        var client = Client(server, tokens);
        client.SalesforceNow.ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(1));
        (await client.ObjectsAsync(None)).ShouldHaveSingleItem().Replicateable.ShouldBeFalse();
        client.SalesforceNow.ShouldBe(TimeProvider.System.GetUtcNow() + ahead, TimeSpan.FromSeconds(1));
    }

    private static RestClient Client(LoginServer server, TokenSource tokens) =>
        new(server.Org(Flow), tokens, new SalesforceHttp(null, TimeProvider.System, NullLogger.Instance));

    private static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync($$"""[ { "errorCode": "{{code}}", "message": "CANARY" } ]""", Encoding.UTF8);
    }
}
