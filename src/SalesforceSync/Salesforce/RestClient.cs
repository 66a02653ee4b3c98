using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

/// <summary>Reads from an org's REST API. Every call is booked. A refused token is replaced once per call. Safe for many threads.</summary>
internal sealed class RestClient(OrgOptions org, TokenSource tokens, SalesforceHttp http)
{
    // A describe of an object with 800 fields and long picklists is several megabytes.
    private const int LongestAnswer = 32 * 1024 * 1024;

    /// <summary>What is left of the org's allowances: one call. Needs the permission View Setup.</summary>
    /// <exception cref="RestException">Salesforce answered something else.</exception>
    /// <exception cref="SalesforceUnreachableException">No whole answer came.</exception>
    /// <exception cref="SignInException">No token to ask with.</exception>
    public async Task<ApiLimits> LimitsAsync(CancellationToken stop)
    {
        using var json = await GetAsync("limits", "limits", stop);
        return ApiLimits.Read(json.RootElement);
    }

    /// <summary>The API names of an object's fields that this user can see: one call. Fails as <see cref="LimitsAsync"/> does.</summary>
    public async Task<IReadOnlySet<string>> FieldsAsync(string objectName, CancellationToken stop)
    {
        using var json = await GetAsync($"sobjects/{Uri.EscapeDataString(objectName)}/describe", "describe", stop);
        return json.RootElement.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Array
            ? fields.EnumerateArray().Select(f => f.GetProperty("name").GetString()!).ToHashSet(StringComparer.OrdinalIgnoreCase)
            : throw new RestException(org.Name, HttpStatusCode.OK, "a describe without fields");
    }

    /// <summary>An object's fields as this user sees them: one call. Null when he sees no such object.</summary>
    public Task<ObjectShape?> DescribeAsync(string objectName, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>The objects this user sees (describe global), without their fields: one call.</summary>
    public Task<IReadOnlyList<ObjectShape>> ObjectsAsync(CancellationToken stop) => throw new NotImplementedException();

    /// <summary>A SOQL query, page by page, up to 2,000 records each: one call per page.</summary>
    /// <param name="all">Deleted and archived records too (<c>queryAll</c>).</param>
    public IAsyncEnumerable<IReadOnlyList<JsonElement>> QueryAsync(string soql, bool all, CallClass callClass, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>Records of the Tooling API (<c>PlatformEventChannelMember</c>, <c>EntityDefinition</c>), page by page.</summary>
    public IAsyncEnumerable<IReadOnlyList<JsonElement>> ToolingQueryAsync(string soql, CallClass callClass, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>Up to 2,000 records by id: one call. Null stands for an id that is deleted, inaccessible or no id; the order is that of the ids.</summary>
    public Task<IReadOnlyList<JsonElement?>> RetrieveAsync(
        string objectName, IReadOnlyList<string> ids, IReadOnlyList<string> fields, CallClass callClass, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>Salesforce's clock as the last answers told it, else ours.</summary>
    public DateTimeOffset SalesforceNow => throw new NotImplementedException();

    private async Task<JsonDocument> GetAsync(string path, string callClass, CancellationToken stop)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            var grant = await tokens.GetAsync(stop);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{grant.InstanceText}/services/data/v{org.ApiVersion}/{path}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", grant.Token.Reveal);
            var answer = await http.SendAsync(org.Name, callClass, request, LongestAnswer, stop);
            if (answer.Status == HttpStatusCode.Unauthorized && !isSecond)
                tokens.Invalidate(grant);
            else
                return answer.IsSuccess && answer.Json() is { } json ? json : throw new RestException(org.Name, answer.Status, ErrorCode(answer));
        }
    }

    // Errors come as [{"errorCode":"...","message":"..."}]; the message may quote data and is not taken.
    private static string ErrorCode(SalesforceAnswer answer)
    {
        using var json = answer.Json();
        if (json?.RootElement is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 && list[0].ValueKind == JsonValueKind.Object
            && list[0].TryGetProperty("errorCode", out var code) && code.ValueKind == JsonValueKind.String
            && code.GetString() is { Length: > 0 and <= 64 } text && text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_'))
            return text;
        return json is null ? "no JSON" : "no error code";
    }
}

/// <summary>Salesforce answered a REST call with a refusal.</summary>
/// <param name="code">Salesforce's error code, such as <c>REQUEST_LIMIT_EXCEEDED</c>.</param>
internal sealed class RestException(string org, HttpStatusCode status, string code) : Exception($"{org}: REST answered {(int)status} ({code})")
{
    public HttpStatusCode Status { get; } = status;

    public string Code { get; } = code;
}
