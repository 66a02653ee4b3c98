using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

/// <summary>
/// Reads from an org's REST API. Every call is booked before it leaves. A refused token is replaced once per call. Safe for many threads. Every member that
/// calls fails with <see cref="RestException"/> (Salesforce refused), <see cref="SalesforceUnreachableException"/> (no whole answer came),
/// <see cref="BudgetSpentException"/> (not sent) or <see cref="SignInException"/> (no token to ask with).
/// </summary>
internal sealed class RestClient(OrgOptions org, TokenSource tokens, SalesforceHttp http)
{
    /// <summary>Ids that one <see cref="RetrieveAsync"/> takes.</summary>
    public const int MostIds = 2_000;

    /// <summary>Characters of a path with its query that every server on the way takes.</summary>
    public const int LongestUrl = 15_000;

    private readonly AuthorizedCalls _calls = new(org, tokens, http);

    /// <summary>Salesforce's clock as the last answers told it, else ours.</summary>
    public DateTimeOffset SalesforceNow => http.Clock.Now;

    /// <summary>What is left of the org's allowances: one call. Needs the permission View Setup.</summary>
    public async Task<ApiLimits> LimitsAsync(CancellationToken stop) => ApiLimits.Read(await GetAsync("limits", CallClass.Limits, stop));

    /// <summary>The API names of an object's fields that this user can see: one call.</summary>
    public async Task<IReadOnlySet<string>> FieldsAsync(string objectName, CancellationToken stop)
    {
        var json = await GetAsync($"sobjects/{Uri.EscapeDataString(objectName)}/describe", CallClass.Describe, stop);
        var shape = DescribeAnswer.Read(json) ?? throw _calls.Odd("a describe without fields");
        return shape.Fields.Select(f => f.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>An object's fields as this user sees them: one call. Null when he sees no such object.</summary>
    public async Task<ObjectShape?> DescribeAsync(string objectName, CancellationToken stop)
    {
        var answer = await _calls.SendAsync(
            HttpMethod.Get, _calls.Versioned($"sobjects/{Uri.EscapeDataString(objectName)}/describe"), null, CallClass.Describe, stop);
        if (answer.Status == HttpStatusCode.NotFound || (answer.Status == HttpStatusCode.BadRequest && _calls.Refusal(answer).IsOfObject))
            return null;
        if (!answer.IsSuccess || answer.Json() is not { } json)
            throw _calls.Refusal(answer);
        return DescribeAnswer.Read(json.RootElement) ?? throw _calls.Odd("a describe without fields");
    }

    /// <summary>The objects this user sees (describe global), without their fields: one call.</summary>
    public async Task<IReadOnlyList<ObjectShape>> ObjectsAsync(CancellationToken stop) =>
        DescribeAnswer.ReadGlobal(await GetAsync("sobjects", CallClass.Describe, stop)) ?? throw _calls.Odd("a describe without objects");

    /// <summary>A SOQL query, page by page, up to 2,000 records each: one call per page. An empty result is one empty page.</summary>
    /// <param name="all">Deleted and archived records too (<c>queryAll</c>).</param>
    /// <exception cref="ArgumentException">The query is too long for a URL: ask for less at once.</exception>
    public IAsyncEnumerable<IReadOnlyList<JsonElement>> QueryAsync(string soql, bool all, CallClass callClass, CancellationToken stop) =>
        PagesAsync(QueryPath(all ? "queryAll" : "query", soql), callClass, stop);

    /// <summary>How many live records an object has: one call.</summary>
    public async Task<long> CountAsync(string objectName, CallClass callClass, CancellationToken stop)
    {
        var json = await _calls.JsonAsync(HttpMethod.Get, QueryPath("query", $"SELECT count() FROM {objectName}"), null, callClass, stop);
        return AnswerText.Whole(json, "totalSize") ?? throw _calls.Odd("a count without a number");
    }

    /// <summary>Records of the Tooling API (<c>PlatformEventChannelMember</c>, <c>EntityDefinition</c>), page by page.</summary>
    public IAsyncEnumerable<IReadOnlyList<JsonElement>> ToolingQueryAsync(string soql, CallClass callClass, CancellationToken stop) =>
        PagesAsync(QueryPath("tooling/query", soql), callClass, stop);

    /// <summary>
    /// Up to 2,000 records by id: one call, and two more for each time the answer is too long to be taken whole. Null stands for an id that is deleted,
    /// inaccessible or no id; the order is that of the ids. Numbers are as Salesforce wrote them (<see cref="JsonElement.GetRawText"/>).
    /// </summary>
    public async Task<IReadOnlyList<JsonElement?>> RetrieveAsync(
        string objectName, IReadOnlyList<string> ids, IReadOnlyList<string> fields, CallClass callClass, CancellationToken stop)
    {
        if (ids.Count is 0 or > MostIds || fields.Count == 0)
            throw new ArgumentException($"one call takes 1 to {MostIds} ids and at least one field", nameof(ids));
        try
        {
            return await RetrieveOnceAsync(objectName, ids, fields, callClass, stop);
        }
        catch (AnswerTooLongException) when (ids.Count > 1)
        {
            var half = ids.Count / 2;
            return
            [
                .. await RetrieveAsync(objectName, [.. ids.Take(half)], fields, callClass, stop),
                .. await RetrieveAsync(objectName, [.. ids.Skip(half)], fields, callClass, stop),
            ];
        }
    }

    /// <summary>Whether a query fits into a URL.</summary>
    public bool Fits(string soql) => _calls.Versioned($"tooling/query?q={Uri.EscapeDataString(soql)}").Length <= LongestUrl;

    private async Task<IReadOnlyList<JsonElement?>> RetrieveOnceAsync(
        string objectName, IReadOnlyList<string> ids, IReadOnlyList<string> fields, CallClass callClass, CancellationToken stop)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { ids, fields });
        var json = await _calls.JsonAsync(
            HttpMethod.Post, _calls.Versioned($"composite/sobjects/{Uri.EscapeDataString(objectName)}"), body, callClass, stop);
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() != ids.Count)
            throw _calls.Odd("not as many records as ids");
        var records = new JsonElement?[ids.Count];
        for (var i = 0; i < records.Length; i++)
        {
            records[i] = json[i].ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.Object when IsOf(json[i], ids[i]) => json[i],
                _ => throw _calls.Odd("records in another order than their ids"),
            };
        }
        return records;
    }

    // Fifteen characters name the record; the other three are for those who lose the case.
    private static bool IsOf(JsonElement record, string id) =>
        !AnswerText.TryFind(record, "Id", out var found) || found.ValueKind != JsonValueKind.String
        || AnswerText.Of(found).AsSpan().StartsWith(id.AsSpan(0, Math.Min(15, id.Length)), StringComparison.Ordinal);

    private string QueryPath(string resource, string soql)
    {
        var path = _calls.Versioned($"{resource}?q={Uri.EscapeDataString(soql)}");
        return path.Length <= LongestUrl
            ? path
            : throw new ArgumentException($"{org.Name}: the query makes a URL of {path.Length} characters, {LongestUrl} is the most: ask for fewer fields or ids at once", nameof(soql));
    }

    private async IAsyncEnumerable<IReadOnlyList<JsonElement>> PagesAsync(string first, CallClass callClass, [EnumeratorCancellation] CancellationToken stop)
    {
        for (var path = first; path is not null;)
        {
            var json = await _calls.JsonAsync(HttpMethod.Get, path, null, callClass, stop, path == first ? "batchSize=2000" : null);
            if (json.ValueKind != JsonValueKind.Object || !AnswerText.TryFind(json, "records", out var records) || records.ValueKind != JsonValueKind.Array)
                throw _calls.Odd("a query result without records");
            var next = NextLink(json);
            if (next is null && AnswerText.TryFind(json, "done", out var done) && done.ValueKind == JsonValueKind.False)
                throw _calls.Odd("a page that is not the last and names no next");
            if (next == path)
                throw _calls.Odd("a page that follows itself");
            yield return [.. records.EnumerateArray()];
            path = next;
        }
    }

    private string? NextLink(JsonElement page) =>
        AnswerText.Of(page, "nextRecordsUrl") is { Length: > 0 } next ? _calls.Link(next) : null;

    private Task<JsonElement> GetAsync(string path, CallClass callClass, CancellationToken stop) =>
        _calls.JsonAsync(HttpMethod.Get, _calls.Versioned(path), null, callClass, stop);
}
