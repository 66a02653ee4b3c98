using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Tests.Salesforce;

public class TokenSourceTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly SignInFlow Flow = new SignInFlow.ClientCredentials("id", new("CANARY-secret"));

    [Fact]
    public async Task Fifty_askers_cause_one_sign_in()
    {
        await using var server = await LoginServer.StartAsync();
        var release = new TaskCompletionSource();
        server.Token = async (context, _) =>
        {
            await release.Task;
            await server.GrantAsync(context);
        };
        using var tokens = server.Source(Flow);
        var askers = Enumerable.Range(0, 50).Select(_ => tokens.GetAsync(None).AsTask()).ToArray();
        release.SetResult();
        var grants = await Task.WhenAll(askers);
        grants.Distinct().ShouldHaveSingleItem();
        server.Forms.Count.ShouldBe(1);

        // All of them see it refused at once, and again one sign-in follows.
        foreach (var grant in grants)
            tokens.Invalidate(grant);
        var renewed = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => tokens.GetAsync(None).AsTask()));
        renewed.Distinct().ShouldHaveSingleItem().ShouldNotBe(grants[0]);
        server.Forms.Count.ShouldBe(2);
        tokens.Invalidate(grants[0]);
        (await tokens.GetAsync(None)).ShouldBe(renewed[0], "a refusal of the old grant says nothing about the new one");
    }

    [Fact]
    public async Task Those_who_waited_share_the_refusal()
    {
        await using var server = await LoginServer.StartAsync();
        var release = new TaskCompletionSource();
        server.Token = async (context, _) =>
        {
            await release.Task;
            await LoginServer.RefuseAsync(context, "invalid_client", 401);
        };
        using var tokens = server.Source(Flow);
        var askers = Enumerable.Range(0, 50).Select(_ => tokens.GetAsync(None).AsTask()).ToArray();
        release.SetResult();
        foreach (var asker in askers)
            (await Should.ThrowAsync<SignInRefusedException>(() => asker)).Code.ShouldBe("invalid_client");
        server.Forms.Count.ShouldBe(1);
        server.Token = null;
        await tokens.GetAsync(None);
    }

    [Fact]
    public async Task An_asker_who_leaves_takes_nobody_with_him()
    {
        await using var server = await LoginServer.StartAsync();
        var asked = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        server.Token = async (context, _) =>
        {
            asked.TrySetResult();
            await release.Task;
            await server.GrantAsync(context);
        };
        using var tokens = server.Source(Flow);
        using var impatient = new CancellationTokenSource();
        var first = tokens.GetAsync(impatient.Token).AsTask();
        await asked.Task;
        var second = tokens.GetAsync(None).AsTask();
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        release.SetResult();
        await second;
    }

    [Theory]
    [InlineData("invalid_grant", 400)]
    [InlineData("invalid_client", 401)]
    [InlineData("invalid_client_id", 400)]
    [InlineData("unauthorized_client", 400)]
    [InlineData("inactive_user", 400)]
    [InlineData("inactive_org", 400)]
    [InlineData("unsupported_grant_type", 400)]
    public async Task A_permanent_refusal_is_not_asked_again(string error, int status)
    {
        await using var server = await LoginServer.StartAsync();
        server.Token = (context, _) => LoginServer.RefuseAsync(context, error, status);
        using var tokens = server.Source(Flow, attempts: 3);
        var refused = await Should.ThrowAsync<SignInRefusedException>(async () => await tokens.GetAsync(None));
        refused.Code.ShouldBe(error);
        refused.ToString().ShouldNotContain("CANARY");
        server.Forms.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(503, "application/json", """{"error":"invalid_grant"}""")]
    [InlineData(429, "application/json", """{"error":"invalid_client"}""")]
    [InlineData(400, "application/json", """{"error":"unknown_error","error_description":"CANARY"}""")]
    [InlineData(400, "application/json", """{"error":"invalid_grant","error_description":"login rate exceeded"}""")]
    [InlineData(400, "application/json", """{"error":"CANARY <odd>"}""")]
    [InlineData(200, "text/html", "<html>CANARY maintenance</html>")]
    [InlineData(200, "application/json", "[]")]
    [InlineData(200, "application/json", """{"access_token":"","instance_url":"https://x.my.salesforce.com"}""")]
    [InlineData(200, "application/json", """{"access_token":"CANARY\r\nx: y","instance_url":"https://x.my.salesforce.com"}""")]
    [InlineData(200, "application/json", """{"access_token":"CANARY","instance_url":"http://elsewhere.example.com"}""")]
    [InlineData(302, "text/html", "")]
    public async Task Anything_else_may_pass(int status, string type, string body)
    {
        await using var server = await LoginServer.StartAsync();
        server.Token = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            context.Response.Headers.Location = "https://elsewhere.example.com";
            return context.Response.WriteAsync(body);
        };
        using var tokens = server.Source(Flow);
        var passing = await Should.ThrowAsync<SignInUnavailableException>(async () => await tokens.GetAsync(None));
        passing.ToString().ShouldNotContain("CANARY");
        server.Forms.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_may_pass_is_tried_again_and_passes()
    {
        await using var server = await LoginServer.StartAsync();
        server.Token = (context, _) => server.Forms.Count < 2 ? LoginServer.RefuseAsync(context, "server_error", 503) : server.GrantAsync(context);
        using var tokens = server.Source(Flow, attempts: 3);
        await tokens.GetAsync(None);
        server.Forms.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_endless_answer_is_cut_off()
    {
        await using var server = await LoginServer.StartAsync();
        var sent = 0L;
        server.Token = async (context, _) =>
        {
            var chunk = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested && sent < 1L << 30)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                sent += chunk.Length;
            }
        };
        using var tokens = server.Source(Flow);
        (await Should.ThrowAsync<SignInUnavailableException>(async () => await tokens.GetAsync(None))).Message.ShouldContain("longer than 1048576 bytes");
    }

    [Fact]
    public async Task Nobody_listening_may_pass()
    {
        var server = await LoginServer.StartAsync();
        using var tokens = server.Source(Flow);
        await server.DisposeAsync();
        (await Should.ThrowAsync<SignInUnavailableException>(async () => await tokens.GetAsync(None))).Message.ShouldContain("no connection; check the URL");
    }

    [Fact]
    public async Task A_certificate_nobody_vouches_for_gets_no_request()
    {
        using var certificate = LoginServer.SelfSigned("127.0.0.1");
        await using var server = await LoginServer.StartAsync(certificate);
        using var tokens = server.Source(Flow);
        (await Should.ThrowAsync<SignInUnavailableException>(async () => await tokens.GetAsync(None))).Message.ShouldContain("TLS failed");
        server.Forms.ShouldBeEmpty();

        using var http = new SalesforceHttp(null, TimeProvider.System, NullLogger.Instance, new X509Certificate2Collection(certificate));
        using var trusting = new TokenSource(server.Org(Flow), http, null, TimeProvider.System, NullLogger.Instance, 1);
        await trusting.GetAsync(None);
        server.Forms.Count.ShouldBe(1);
    }
}
