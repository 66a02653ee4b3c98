using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Tests.Salesforce;

public class RestClientTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly SignInFlow Flow = new SignInFlow.ClientCredentials("id", new("secret"));

    [Fact]
    public async Task A_refused_token_is_replaced_once_and_the_call_made_again()
    {
        await using var server = await LoginServer.StartAsync();
        server.Token = (context, _) => server.GrantAsync(context, $"token{server.Forms.Count}");
        server.Rest = context => context.Request.Headers.Authorization == "Bearer token2"
            ? context.Response.WriteAsync("""{ "DailyApiRequests": { "Max": 100000, "Remaining": 99990 }, "Odd": 3 }""")
            : RefuseAsync(context, 401, "INVALID_SESSION_ID");
        using var tokens = server.Source(Flow);
        var limits = await Client(server, tokens).LimitsAsync(None);
        limits.ShouldBe(new ApiLimits(new Allowance(100000, 99990), null));
        server.Gets.ShouldBe(["/services/data/v66.0/limits", "/services/data/v66.0/limits"]);
    }

    [Fact]
    public async Task A_token_refused_again_is_an_error_and_no_loop()
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => RefuseAsync(context, 401, "INVALID_SESSION_ID");
        using var tokens = server.Source(Flow);
        var error = await Should.ThrowAsync<RestException>(() => Client(server, tokens).LimitsAsync(None));
        error.Code.ShouldBe("INVALID_SESSION_ID");
        server.Gets.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_error_says_its_code_and_nothing_of_its_text()
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => RefuseAsync(context, 403, "REQUEST_LIMIT_EXCEEDED");
        using var tokens = server.Source(Flow);
        var error = await Should.ThrowAsync<RestException>(() => Client(server, tokens).LimitsAsync(None));
        error.Status.ShouldBe(HttpStatusCode.Forbidden);
        error.Message.ShouldBe("acme: REST answered 403 (REQUEST_LIMIT_EXCEEDED)");
    }

    [Fact]
    public async Task A_describe_names_the_fields()
    {
        await using var server = await LoginServer.StartAsync();
        server.Rest = context => context.Response.WriteAsync("""{ "fields": [ { "name": "Id" }, { "name": "Name" } ] }""");
        using var tokens = server.Source(Flow);
        var fields = await Client(server, tokens).FieldsAsync("Invoice__c", None);
        fields.Contains("name").ShouldBeTrue();
        server.Gets.ShouldHaveSingleItem().ShouldBe("/services/data/v66.0/sobjects/Invoice__c/describe");
    }

    private static RestClient Client(LoginServer server, TokenSource tokens) =>
        new(server.Org(Flow), tokens, new SalesforceHttp(null, TimeProvider.System, NullLogger.Instance));

    private static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync($$"""[ { "errorCode": "{{code}}", "message": "CANARY" } ]""");
    }
}
