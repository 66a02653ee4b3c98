using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

/// <summary>Calls of one org that carry its access token; one that is refused is replaced once per call. Safe for many threads.</summary>
internal sealed class AuthorizedCalls(OrgOptions org, TokenSource tokens, SalesforceHttp http)
{
    // A describe of an object with 800 fields and long picklists is several megabytes, 2,000 records with long texts many.
    private const int LongestAnswer = 64 * 1024 * 1024;

    private const int LongestError = 1024 * 1024;

    /// <summary>A query may run for two minutes before Salesforce gives it up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    public string Org => org.Name;

    public SalesforceClock Clock => http.Clock;

    /// <summary>The path of a resource of the configured API version.</summary>
    public string Versioned(string path) => $"/services/data/v{org.ApiVersion}/{path}";

    /// <summary>Sends a request and reads the whole answer, whatever it says but that the token is refused.</summary>
    /// <param name="path">From the host on; never another host, which would get the token.</param>
    /// <param name="body">Sent as JSON, or null.</param>
    public async Task<SalesforceAnswer> SendAsync(HttpMethod method, string path, byte[]? body, CallClass callClass, CancellationToken stop, string? queryOptions = null)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            var grant = await tokens.GetAsync(stop);
            using var request = Request(grant, method, path, body, "application/json");
            if (queryOptions is not null)
                request.Headers.Add("Sforce-Query-Options", queryOptions);
            var answer = await http.SendAsync(org.Name, callClass, request, LongestAnswer, stop, Patience);
            await RefuseWhereOutAsync(answer, callClass, stop);
            if (answer.Status != HttpStatusCode.Unauthorized || isSecond)
                return answer;
            tokens.Invalidate(grant);
        }
    }

    /// <summary>Sends a request for JSON.</summary>
    /// <exception cref="RestException">Salesforce answered something else.</exception>
    public async Task<JsonElement> JsonAsync(HttpMethod method, string path, byte[]? body, CallClass callClass, CancellationToken stop, string? queryOptions = null)
    {
        var answer = await SendAsync(method, path, body, callClass, stop, queryOptions);
        return answer.IsSuccess && answer.Json() is { } json ? json.RootElement : throw Refusal(answer);
    }

    /// <summary>Sends a GET and hands out the answer as soon as its headers are here; an answer that is no success is read and given back as such.</summary>
    /// <returns>One of the two.</returns>
    public async Task<(SalesforceStream? Body, SalesforceAnswer? Refused)> OpenAsync(string path, string accept, CallClass callClass, CancellationToken stop)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            var grant = await tokens.GetAsync(stop);
            using var request = Request(grant, HttpMethod.Get, path, null, accept);
            var stream = await http.OpenAsync(org.Name, callClass, request, Patience, LongestPause, stop);
            if (stream.Status == HttpStatusCode.OK)
                return (stream, null);
            await using (stream)
            {
                if (stream.Status != HttpStatusCode.Unauthorized || isSecond)
                {
                    var refused = new SalesforceAnswer(stream.Status, null, await SalesforceHttp.ReadAsync(stream, Org, LongestError, stop));
                    await RefuseWhereOutAsync(refused, callClass, stop);
                    return (null, refused);
                }
            }
            tokens.Invalidate(grant);
        }
    }

    public RestException Refusal(SalesforceAnswer answer) => new(org.Name, answer.Status, answer.ErrorCode());

    /// <summary>An answer that says yes and makes no sense.</summary>
    public RestException Odd(string what) => new(org.Name, HttpStatusCode.OK, what);

    /// <summary>The path and query of a link in an answer.</summary>
    /// <exception cref="RestException">It leads elsewhere.</exception>
    public string Link(string link)
    {
        var path = Uri.TryCreate(link, UriKind.Absolute, out var absolute) && absolute.Scheme is "https" or "http" ? absolute.PathAndQuery : link;
        if (path.StartsWith("services/", StringComparison.Ordinal))
            path = $"/{path}";
        return path.StartsWith("/services/", StringComparison.Ordinal) ? path : throw Odd("a link that leads elsewhere");
    }

    /// <summary>The org's own allowance is used up: whoever calls on only spends what others need.</summary>
    private async Task RefuseWhereOutAsync(SalesforceAnswer answer, CallClass callClass, CancellationToken stop)
    {
        if (answer.Status == HttpStatusCode.Forbidden && answer.ErrorCode() == "REQUEST_LIMIT_EXCEEDED" && await http.CloseAsync(org.Name, callClass, stop) is { } spent)
            throw spent;
    }

    private static HttpRequestMessage Request(AccessGrant grant, HttpMethod method, string path, byte[]? body, string accept)
    {
        var request = new HttpRequestMessage(method, new Uri($"{grant.InstanceText}{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", grant.Token.Reveal);
        request.Headers.Accept.ParseAdd(accept);
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" } } };
        return request;
    }
}
