using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Tests.Salesforce;

public class BulkClientTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly SignInFlow Flow = new SignInFlow.ClientCredentials("id", new("secret"));

    [Fact]
    public async Task A_job_is_made_and_asked_after()
    {
        await using var server = await LoginServer.StartAsync();
        string? made = null;
        server.Rest = async context =>
        {
            if (context.Request.Method == "POST")
                made = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsync(context.Request.Method == "POST"
                ? """{ "id": "750R", "state": "UploadComplete" }"""
                : """{ "id": "750R", "state": "Failed", "numberRecordsProcessed": 7, "errorMessage": "INVALID_FIELD: select CANARY from Account" }""");
        };
        using var tokens = server.Source(Flow);
        var client = Client(server, tokens);
        (await client.CreateAsync("select Id from Account", all: true, CallClass.Snapshot, None)).ShouldBe("750R");
        made.ShouldBe("""{"operation":"queryAll","query":"select Id from Account","contentType":"CSV","columnDelimiter":"COMMA","lineEnding":"LF"}""");
        (await client.StateAsync("750R", CallClass.Snapshot, None)).ShouldBe(new BulkJob("750R", BulkState.Failed, 7, "INVALID_FIELD"));
    }

    [Fact]
    public async Task A_job_that_is_gone_is_none()
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => RefuseAsync(context, 404, "NOT_FOUND");
        using var tokens = server.Source(Flow);
        (await Client(server, tokens).StateAsync("750R", CallClass.Snapshot, None)).ShouldBeNull();
        await Client(server, tokens).AbortAsync("750R", CallClass.Snapshot, None);
        await Should.ThrowAsync<RestException>(() => Client(server, tokens).ResultsAsync("750R", null, null, CallClass.Snapshot, None));
    }

    [Theory]
    [InlineData("MTAw", "MTAw")]
    [InlineData("null", null)]
    [InlineData(null, null)]
    public async Task Results_come_packed_with_the_place_of_the_next(string? header, string? locator)
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = async context =>
        {
            context.Request.QueryString.Value.ShouldBe("?locator=a%2Bb%3D&maxRecords=5");
            context.Request.Headers.AcceptEncoding.ToString().ShouldBe("gzip");
            context.Response.ContentType = "text/csv";
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.Headers["Sforce-NumberOfRecords"] = "1";
            if (header is not null)
                context.Response.Headers["Sforce-Locator"] = header;
            await context.Response.Body.WriteAsync(Packed("\"Id\"\n\"ä\"\n"));
        };
        using var tokens = server.Source(Flow);
        using var page = (await Client(server, tokens).ResultsAsync("750R", "a+b=", 5, CallClass.Snapshot, None))!;
        (page.Locator, page.Rows).ShouldBe((locator, 1L));
        (await new StreamReader(page.Csv, Encoding.UTF8).ReadToEndAsync()).ShouldBe("\"Id\"\n\"ä\"\n");
    }

    [Fact]
    public async Task A_page_is_handed_out_before_its_end_is_sent()
    {
        await using var server = await LoginServer.StartAsync();
        var go = new TaskCompletionSource();
        server.Rest = async context =>
        {
            context.Response.ContentType = "text/csv";
            await context.Response.WriteAsync("\"Id\"\n");
            await context.Response.Body.FlushAsync();
            await go.Task;
            await context.Response.WriteAsync("\"1\"\n");
        };
        using var tokens = server.Source(Flow);
        using var page = (await Client(server, tokens).ResultsAsync("750R", null, null, CallClass.Snapshot, None))!;
        var lines = new StreamReader(page.Csv);
        (await lines.ReadLineAsync()).ShouldBe("\"Id\"");
        go.SetResult();
        (await lines.ReadLineAsync()).ShouldBe("\"1\"");
        (await lines.ReadLineAsync()).ShouldBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_that_breaks_off_is_an_error_and_no_end(bool packed)
    {
        await using var server = await LoginServer.StartAsync();
        var headersSeen = new TaskCompletionSource();
        server.Rest = async context =>
        {
            var whole = packed ? Packed(string.Join('\n', Enumerable.Range(0, 10_000))) : new byte[10_000];
            context.Response.ContentType = "text/csv";
            if (packed)
                context.Response.Headers.ContentEncoding = "gzip";
            else
                context.Response.ContentLength = whole.Length;
            await context.Response.Body.WriteAsync(whole.AsMemory(0, whole.Length / 2));
            await context.Response.Body.FlushAsync();
            await headersSeen.Task;
            // Packed, it ends in good order and too early, as a proxy may do it.
            if (!packed)
                context.Abort();
        };
        using var tokens = server.Source(Flow);
        using var page = (await Client(server, tokens).ResultsAsync("750R", null, null, CallClass.Snapshot, None))!;
        headersSeen.SetResult();
        await Should.ThrowAsync<SalesforceUnreachableException>(() => page.Csv.CopyToAsync(Stream.Null));
    }

    [Theory]
    [InlineData(204, null)]
    [InlineData(412, "JOB_NOT_COMPLETE")]
    [InlineData(400, "JOB_NOT_COMPLETE")]
    [InlineData(404, "InvalidJobState")]
    [InlineData(400, "INVALIDJOBSTATE")]
    public async Task Results_asked_for_too_early_are_none(int status, string? code)
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => RefuseAsync(context, status, code);
        using var tokens = server.Source(Flow);
        (await Client(server, tokens).ResultsAsync("750R", null, null, CallClass.Snapshot, None)).ShouldBeNull();
    }

    [Theory]
    [InlineData("nextRecordsUrl")]
    [InlineData("nextRecordUrl")]
    public async Task The_places_of_all_pages_are_told(string link)
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => context.Response.WriteAsync(context.Request.QueryString.Value == ""
            ? $$"""
                { "resultPages": [ { "resultUrl": "/services/data/v66.0/jobs/query/750R/results" }, { "resultUrl": "/services/data/v66.0/jobs/query/750R/results?maxRecords=2&locator=a%3D" } ],
                  "{{link}}": "/services/data/v66.0/jobs/query/750R/resultPages?p=2", "done": false }
                """
            : """{ "resultPages": [ { "resultUrl": "services/data/v66.0/jobs/query/750R/results?locator=b" } ], "nextRecordsUrl": null, "done": true }""");
        using var tokens = server.Source(Flow);
        (await Client(server, tokens).PagesAsync("750R", CallClass.Snapshot, None)).ShouldBe(["", "a=", "b"]);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    public async Task Where_parallel_pages_are_not_offered_there_are_none(int status)
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => RefuseAsync(context, status, "NOT_FOUND");
        using var tokens = server.Source(Flow);
        (await Client(server, tokens).PagesAsync("750R", CallClass.Snapshot, None)).ShouldBeNull();
    }

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static BulkClient Client(LoginServer server, TokenSource tokens) =>
        new(server.Org(Flow), tokens, new SalesforceHttp(null, TimeProvider.System, NullLogger.Instance));

    private static Task RefuseAsync(HttpContext context, int status, string? code)
    {
        context.Response.StatusCode = status;
        return code is null ? Task.CompletedTask : context.Response.WriteAsync($$"""[ { "errorCode": "{{code}}", "message": "CANARY" } ]""");
    }
}
