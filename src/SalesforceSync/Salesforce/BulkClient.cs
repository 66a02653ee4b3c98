using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

internal enum BulkState
{
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

/// <param name="Message">Salesforce's error text reduced to what is no data, or null.</param>
internal sealed record BulkJob(string Id, BulkState State, long? Rows, string? Message);

/// <summary>
/// One page of results, read from the socket while it is used; dispose it to let the connection go. Reading fails with
/// <see cref="SalesforceUnreachableException"/> when the page breaks off. That the rows are as many as announced is the reader's to check.
/// </summary>
/// <param name="Csv">UTF-8, header line first. Asynchronous reads only.</param>
/// <param name="Locator">The next page, or null at the end.</param>
/// <param name="Rows">What the header <c>Sforce-NumberOfRecords</c> says, or null.</param>
internal sealed record BulkPage(Stream Csv, string? Locator, long? Rows, IDisposable Response) : IDisposable
{
    public void Dispose()
    {
        Csv.Dispose();
        Response.Dispose();
    }
}

/// <summary>
/// Bulk API 2.0 queries of one org. Every request is booked under the class given, before it leaves. Safe for many threads. Fails as <see cref="RestClient"/>
/// does; a job is asked for with the API version it was made with, else Salesforce answers 409.
/// </summary>
internal sealed partial class BulkClient(OrgOptions org, TokenSource tokens, SalesforceHttp http)
{
    /// <summary>Pages of links followed at most: 50,000 pages of results.</summary>
    private const int MostLinkPages = 10_000;

    private readonly AuthorizedCalls _calls = new(org, tokens, http);

    /// <summary>Makes a query job: one call.</summary>
    /// <param name="all">Deleted and archived records too (<c>queryAll</c>).</param>
    public async Task<string> CreateAsync(string soql, bool all, CallClass callClass, CancellationToken stop)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            operation = all ? "queryAll" : "query",
            query = soql,
            contentType = "CSV",
            columnDelimiter = "COMMA",
            lineEnding = "LF",
        });
        var json = await _calls.JsonAsync(HttpMethod.Post, _calls.Versioned("jobs/query"), body, callClass, stop);
        return AnswerText.Of(json, "id") is { Length: > 0 } id ? id : throw _calls.Odd("a job without an id");
    }

    /// <summary>How a job stands, or null when Salesforce does not know it any more: one call.</summary>
    public async Task<BulkJob?> StateAsync(string jobId, CallClass callClass, CancellationToken stop)
    {
        var answer = await _calls.SendAsync(HttpMethod.Get, Path(jobId), null, callClass, stop);
        if (answer.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            return null;
        if (!answer.IsSuccess || answer.Json() is not { RootElement: { ValueKind: JsonValueKind.Object } job })
            throw _calls.Refusal(answer);
        if (!Enum.TryParse<BulkState>(AnswerText.Of(job, "state"), ignoreCase: true, out var state) || !Enum.IsDefined(state))
            throw _calls.Odd("a job in a state this version does not know");
        return new BulkJob(AnswerText.Of(job, "id") ?? jobId, state, Number(job, "numberRecordsProcessed"), Reduced(AnswerText.Of(job, "errorMessage")));
    }

    /// <summary>A page of a job's results: one call. Null when the job is not complete yet.</summary>
    /// <param name="locator">Null: the first page.</param>
    /// <param name="maxRecords">Null: as many as Salesforce gives.</param>
    public async Task<BulkPage?> ResultsAsync(string jobId, string? locator, int? maxRecords, CallClass callClass, CancellationToken stop)
    {
        List<string> query = [];
        if (!string.IsNullOrEmpty(locator))
            query.Add($"locator={Uri.EscapeDataString(locator)}");
        if (maxRecords is { } most)
            query.Add($"maxRecords={most.ToString(CultureInfo.InvariantCulture)}");
        var path = Path(jobId, "/results") + (query.Count > 0 ? $"?{string.Join('&', query)}" : "");
        var (body, refused) = await _calls.OpenAsync(path, "text/csv", callClass, stop);
        if (refused is not null)
            return IsNotComplete(refused) ? null : throw _calls.Refusal(refused);
        // "Not complete" has been seen as a success without rows to show for it, too: what is no CSV is no page.
        if (body!.ContentType?.MediaType is "application/json" or "text/html")
        {
            await body.DisposeAsync();
            throw _calls.Odd("results that are no CSV");
        }
        var next = body.Header("Sforce-Locator");
        var rows = long.TryParse(body.Header("Sforce-NumberOfRecords"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : (long?)null;
        return new BulkPage(body, string.IsNullOrEmpty(next) || next.Equals("null", StringComparison.OrdinalIgnoreCase) ? null : next, rows, body);
    }

    /// <summary>
    /// The locators of all pages of a complete job, in order and without a gap, so that they can be read in parallel; null where the org does not offer it.
    /// One call for each five pages. An empty text stands for the first page, where the org gives it no locator.
    /// </summary>
    public async Task<IReadOnlyList<string>?> PagesAsync(string jobId, CallClass callClass, CancellationToken stop)
    {
        var locators = new List<string>();
        var path = Path(jobId, "/resultPages");
        for (var i = 0; i < MostLinkPages; i++)
        {
            var answer = await _calls.SendAsync(HttpMethod.Get, path, null, callClass, stop);
            if (i == 0 && answer.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NoContent)
                return null;
            if (!answer.IsSuccess || answer.Json() is not { RootElement: { ValueKind: JsonValueKind.Object } page })
                throw _calls.Refusal(answer);
            if (AnswerText.TryFind(page, "resultPages", out var pages) && pages.ValueKind == JsonValueKind.Array)
                locators.AddRange(pages.EnumerateArray().Select(LocatorOf));
            // The reference calls it nextRecordUrl, its example nextRecordsUrl.
            var next = AnswerText.Of(page, "nextRecordsUrl") ?? AnswerText.Of(page, "nextRecordUrl");
            if (string.IsNullOrEmpty(next) || next == "null" || (AnswerText.TryFind(page, "done", out var done) && done.ValueKind == JsonValueKind.True))
                return locators.Count > 0 ? locators : null;
            path = _calls.Link(next);
        }
        throw _calls.Odd("links without end");
    }

    /// <summary>Aborts a job that is not wanted any more: one call. One that is over or unknown is left as it is.</summary>
    public async Task AbortAsync(string jobId, CallClass callClass, CancellationToken stop)
    {
        var answer = await _calls.SendAsync(HttpMethod.Patch, Path(jobId), """{"state":"Aborted"}"""u8.ToArray(), callClass, stop);
        if (!answer.IsSuccess && answer.Status is not (HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.BadRequest or HttpStatusCode.Conflict))
            throw _calls.Refusal(answer);
    }

    private string Path(string jobId, string part = "") => _calls.Versioned($"jobs/query/{Uri.EscapeDataString(jobId)}{part}");

    // 412 in the older documents, 400 or 404 with a code in practice, 204 while the first page is being made.
    private static bool IsNotComplete(SalesforceAnswer answer)
    {
        if (answer.Status is HttpStatusCode.NoContent or HttpStatusCode.Accepted or HttpStatusCode.PreconditionFailed)
            return true;
        var code = answer.ErrorCode().Replace("_", "", StringComparison.Ordinal);
        return answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict
            && (code.Contains("NotComplete", StringComparison.OrdinalIgnoreCase) || code.Contains("JobState", StringComparison.OrdinalIgnoreCase)
                || code.Contains("NotReady", StringComparison.OrdinalIgnoreCase) || code.Contains("InProgress", StringComparison.OrdinalIgnoreCase));
    }

    private string LocatorOf(JsonElement page)
    {
        var url = AnswerText.Of(page) ?? AnswerText.Of(page, "resultUrl");
        var query = _calls.Link(url ?? throw _calls.Odd("a result page without a URL")).Split('?', 2);
        var locator = query.Length == 2 ? query[1].Split('&').FirstOrDefault(p => p.StartsWith("locator=", StringComparison.OrdinalIgnoreCase)) : null;
        return locator is null ? "" : Uri.UnescapeDataString(locator["locator=".Length..]);
    }

    private static long? Number(JsonElement element, string name) =>
        AnswerText.TryFind(element, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    // "INVALID_FIELD: ... No such column ..." or "API_ERROR": the text behind the code may quote the query.
    private static string? Reduced(string? message) => message is null ? null : Code().Match(message) is { Success: true } code ? code.Value : "no error code";

    [GeneratedRegex("[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|(?<=^)[A-Za-z0-9]{1,64}(?=$|:| :)")]
    private static partial Regex Code();
}
