using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SalesforceSync.Status;

namespace SalesforceSync.Tests.Status;

/// <summary>Who may ask for what: every route stands in this table, and every row of it is tried over a socket.</summary>
public class RouteTests
{
    private const string Token = "CANARY-token-of-the-page-0123456789";

    /// <summary>Route and who it is for.</summary>
    private static readonly Dictionary<string, Access> Table = new()
    {
        ["/health/live"] = Access.Anyone,
        ["/health/startup"] = Access.Anyone,
        ["/health/ready"] = Access.Anyone,
        ["/"] = Access.Page,
        ["/page.css"] = Access.Page,
        ["/page.js"] = Access.Page,
        ["/icon.svg"] = Access.Page,
        ["/metrics"] = Access.Reader,
        ["/api/v1/status"] = Access.Reader,
        ["/api/v1/overview"] = Access.Reader,
        ["/api/v1/orgs/{org}/records/{id}/life"] = Access.Reader,
        ["/api/v1/orgs/{org}/quarantine"] = Access.Reader,
        ["/api/v1/orgs/{org}/pause"] = Access.Operator,
        ["/api/v1/orgs/{org}/resume"] = Access.Operator,
        ["/api/v1/orgs/{org}/objects/{object}/repair"] = Access.Operator,
        ["/api/v1/orgs/{org}/quarantine/{id}/retry"] = Access.Operator,
        ["/api/v1/orgs/{org}/quarantine/{id}/drop"] = Access.Operator,
    };

    public static TheoryData<string> Paths => [.. Table.Keys];

    [Fact]
    public void Every_route_has_its_row_and_says_who_it_is_for()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        using var metrics = Telemetry.Open(new());
        var app = builder.Build();
        ServedWorker.Routes(new WorkerHealth(TimeProvider.System), TimeProvider.System, metrics).Map(app);
        var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>()
            .ToDictionary(route => route.RoutePattern.RawText!, route => route.Metadata.GetRequiredMetadata<Who>().Access);
        routes.ShouldBe(Table, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task With_a_token_only_who_shows_it_comes_in(string path)
    {
        await using var served = await ServedAsync(Token);
        var isOpen = Table[path] is Access.Anyone or Access.Page;
        (await StatusAsync(served, path)).ShouldBe(isOpen ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
        (await StatusAsync(served, path, "CANARY-wrong-0123456789")).ShouldBe(isOpen ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
        (await StatusAsync(served, path, Token)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Without_one_only_this_machine_does_and_nobody_it_speaks_for(string path)
    {
        await using var served = await ServedAsync(null);
        var shut = Table[path] == Access.Anyone ? HttpStatusCode.OK : HttpStatusCode.Forbidden;
        (await StatusAsync(served, path)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(served, path, null, ("Host", "sync.example"))).ShouldBe(shut);
        (await StatusAsync(served, path, null, ("X-Forwarded-For", "203.0.113.7"))).ShouldBe(shut);
        (await StatusAsync(served, path, null, ("Forwarded", "for=203.0.113.7"))).ShouldBe(shut);
    }

    [Fact]
    public async Task Another_sites_page_has_nothing_done_whoever_looks_at_it()
    {
        foreach (var token in new[] { null, Token })
        {
            await using var served = await ServedAsync(token);
            const string Path = "/api/v1/orgs/{org}/pause";
            var own = served.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
            (await StatusAsync(served, Path, token, ("Origin", own))).ShouldBe(HttpStatusCode.OK);
            (await StatusAsync(served, Path, token, ("Origin", "https://evil.example"))).ShouldBe(HttpStatusCode.Forbidden);
            (await StatusAsync(served, Path, token, ("Origin", "null"))).ShouldBe(HttpStatusCode.Forbidden);
            (await StatusAsync(served, Path, token, ("Sec-Fetch-Site", "cross-site"))).ShouldBe(HttpStatusCode.Forbidden);
            (await StatusAsync(served, Path, token, ("Sec-Fetch-Site", "same-site"))).ShouldBe(HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task A_refusal_says_what_to_do_and_nothing_of_the_token()
    {
        await using var served = await ServedAsync(Token);
        using var refused = await served.AskAsync("/api/v1/status", "CANARY-wrong-0123456789");
        refused.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        refused.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        (await refused.Content.ReadAsStringAsync()).ShouldBe("""{"title":"Unauthorized","status":401,"detail":"this is not the token of Http:Token"}""");
    }

    [Fact]
    public async Task Guessing_is_slow()
    {
        await using var served = await ServedAsync(Token);
        for (var tried = 0; tried < 10; tried++)
            (await StatusAsync(served, "/api/v1/status", $"CANARY-guess-{tried}")).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(served, "/api/v1/status", Token)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await StatusAsync(served, "/health/ready")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_answer_carries_the_headers_that_keep_it_where_it_belongs()
    {
        await using var served = await ServedAsync(null);
        foreach (var path in Table.Keys.Append("/nothing"))
        {
            using var answer = await served.AskAsync(path);
            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"], path);
            answer.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-ancestors 'none'");
            answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
            answer.Headers.Contains("Server").ShouldBeFalse();
            answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(ServedWorker served, string path, string? token = null, params (string, string)[] headers)
    {
        using var answer = await served.AskAsync(path, token, Table.GetValueOrDefault(path) == Access.Operator ? HttpMethod.Post : null, headers);
        // What it has to say is missing here: there is no database, and no org in it.
        return answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.NotFound ? HttpStatusCode.OK : answer.StatusCode;
    }

    private static async Task<ServedWorker> ServedAsync(string? token)
    {
        var health = new WorkerHealth(TimeProvider.System);
        health.DatabaseReached();
        health.StartupDone();
        return await ServedWorker.OfAsync(ServedWorker.Server(health, metrics: Telemetry.Open(new()), token: token));
    }
}
