using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>/jobs/query of the Bulk API 2.0: jobs made, watched, read, aborted and deleted.</summary>
internal sealed class BulkEndpoints(RestDoor door, UserView user, BulkJobs jobs, FaultScript faults)
{
    private const string Root = "/services/data/{version}/jobs/query";

    private static readonly Dictionary<string, char> Delimiters = new(StringComparer.Ordinal)
    {
        ["COMMA"] = ',',
        ["BACKQUOTE"] = '`',
        ["CARET"] = '^',
        ["PIPE"] = '|',
        ["SEMICOLON"] = ';',
        ["TAB"] = '\t'
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root, door.Guarded(CallKind.BulkCreate, CreateAsync));
        routes.MapGet(Root, door.Guarded(CallKind.BulkState, ListAsync));
        routes.MapGet(Root + "/{id}", door.Guarded(CallKind.BulkState, WithJob(StateAsync)));
        routes.MapMethods(Root + "/{id}", [HttpMethods.Patch], door.Guarded(CallKind.BulkAbort, WithJob(AbortAsync)));
        routes.MapDelete(Root + "/{id}", door.Guarded(CallKind.BulkDelete, WithJob(DeleteAsync)));
        routes.MapGet(Root + "/{id}/results", door.Guarded(CallKind.BulkResults, WithJob(ResultsAsync)));
        routes.MapGet(Root + "/{id}/resultPages", door.Guarded(CallKind.BulkPages, WithJob(PagesAsync)));
    }

    private static string Version(HttpContext context) => context.GetRouteValue("version")!.ToString()!;

    private RequestDelegate WithJob(Func<HttpContext, BulkJob, Task> answer) => context
        => jobs.Find(context.GetRouteValue("id")!.ToString()!) is { } job ? answer(context, job) : JsonAnswers.NotFoundAsync(context);

    private async Task CreateAsync(HttpContext context)
    {
        using var body = await JsonAnswers.ReadAsync(context);
        var order = body.RootElement;
        var operation = Text(order, "operation");
        var query = Text(order, "query") ?? throw new SoqlError("API_ERROR", "query is required");
        if (operation is not ("query" or "queryAll")) throw new SoqlError("INVALIDJOB", $"Unsupported operation: {operation}");
        if (Text(order, "contentType") is not (null or "CSV")) throw new SoqlError("INVALIDJOB", "Unsupported content type");
        var delimiterName = Text(order, "columnDelimiter") ?? "COMMA";
        if (!Delimiters.TryGetValue(delimiterName, out var delimiter)) throw new SoqlError("INVALIDJOB", $"Unsupported column delimiter: {delimiterName}");
        var lineEnding = Text(order, "lineEnding") ?? "LF";
        if (lineEnding is not ("LF" or "CRLF")) throw new SoqlError("INVALIDJOB", $"Unsupported line ending: {lineEnding}");
        var search = Search(query, operation == "queryAll");
        door.CountJob();
        var job = jobs.Create(search, operation == "queryAll", Version(context), new CsvShape(delimiter, lineEnding == "CRLF"), delimiterName);
        await JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json => BulkJobJson.Created(json, job));
    }

    private RecordSearch Search(string query, bool all)
    {
        if (query.Length > jobs.Rules.LongestQuery) throw SoqlError.Malformed($"SOQL statements cannot be longer than {jobs.Rules.LongestQuery} characters.");
        if (SoqlParser.Unsupported(query) is { } unsupported) throw new SoqlError("FUNCTIONALITY_NOT_ENABLED", unsupported);
        var search = user.Search(query, all);
        if (jobs.Rules.Refused.Contains(search.Object.Name))
            throw new SoqlError("INVALIDENTITY", $"Entity '{search.Object.Name}' is not supported by the Bulk API.");
        if (search.Selected.Any(column => column.Parts.Count > 0))
            throw new SoqlError("FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query");
        return search;
    }

    private Task StateAsync(HttpContext context, BulkJob job)
        => JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json => BulkJobJson.Whole(json, job, jobs.Rules));

    private Task ListAsync(HttpContext context) => JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
    {
        json.WriteBoolean("done", true);
        json.WriteStartArray("records");
        foreach (var job in jobs.All())
        {
            json.WriteStartObject();
            BulkJobJson.Listed(json, job);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNull("nextRecordsUrl");
    });

    private async Task AbortAsync(HttpContext context, BulkJob job)
    {
        using var body = await JsonAnswers.ReadAsync(context);
        if (Text(body.RootElement, "state") != "Aborted") throw new SoqlError("INVALIDJOBSTATE", "Only the state Aborted can be set on a query job");
        if (!jobs.Abort(job)) throw new SoqlError("INVALIDJOBSTATE", "Aborting already Completed Job not allowed");
        await StateAsync(context, job);
    }

    private Task DeleteAsync(HttpContext context, BulkJob job)
    {
        if (!job.IsOver) throw new SoqlError("API_ERROR", "Error encountered when deleting the job because the job is not terminated");
        jobs.Remove(job);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task ResultsAsync(HttpContext context, BulkJob job)
    {
        if (await RefusedAsync(context, job)) return;
        var locator = context.Request.Query["locator"].ToString();
        if (locator.Length > 0 && faults.Take(FaultKind.ExpireLocator) is not null)
        {
            await JsonAnswers.WriteErrorAsync(context, StatusCodes.Status404NotFound, "INVALID_QUERY_LOCATOR", "invalid query locator");
            return;
        }
        var most = jobs.Rules.PageRows;
        var wanted = context.Request.Query["maxRecords"].ToString();
        if (wanted.Length > 0 && (!int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out most) || most < 1))
            throw new SoqlError("API_ERROR", "maxRecords must be a positive number");
        if (!BulkLocator.TryRead(locator, job.RowCount, out var first)) throw new SoqlError("INVALID_QUERY_LOCATOR", "invalid query locator");
        var count = Math.Min(Math.Min(most, jobs.Rules.PageRows), job.RowCount - first);
        context.Response.ContentType = "text/csv";
        context.Response.Headers["Sforce-Locator"] = first + count < job.RowCount ? BulkLocator.Of(first + count) : "null";
        context.Response.Headers["Sforce-NumberOfRecords"] = count.ToString(CultureInfo.InvariantCulture);
        await WritePageAsync(context, job, first, count);
    }

    private async Task WritePageAsync(HttpContext context, BulkJob job, int first, int count)
    {
        var output = context.Response.BodyWriter;
        var isCut = count > 0 && faults.Take(FaultKind.CutResultPage) is not null;
        var isShort = count > 0 && faults.Take(FaultKind.ShortResultPage) is not null;
        job.Csv.Header(output, job.Search.Selected);
        var end = first + (isCut ? count / 2 : isShort ? count - 1 : count);
        var segmentStart = 0;
        foreach (var rows in job.Rows)
        {
            var (from, to) = (Math.Max(first, segmentStart), Math.Min(end, segmentStart + rows.Count));
            if (from < to) await rows.WriteAsync(output, from - segmentStart, to - from, context.RequestAborted);
            segmentStart += rows.Count;
        }
        if (isCut) await output.WriteAsync("\"torn"u8.ToArray(), context.RequestAborted);
        await output.FlushAsync(context.RequestAborted);
        if (isCut) context.Abort();
    }

    private async Task PagesAsync(HttpContext context, BulkJob job)
    {
        if (RestDoor.VersionOf(Version(context)) < 58 || faults.Take(FaultKind.NoResultPages) is not null)
        {
            await JsonAnswers.NotFoundAsync(context);
            return;
        }
        if (await RefusedAsync(context, job)) return;
        if (!BulkLocator.TryRead(context.Request.Query["locator"].ToString(), job.RowCount, out var first)) throw new SoqlError("INVALID_QUERY_LOCATOR", "invalid query locator");
        var root = $"/services/data/{job.Version}/jobs/query/{job.Id}";
        await JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("resultPages");
            for (var i = 0; i < 5 && (first < job.RowCount || first == 0); i++, first += jobs.Rules.PageRows)
            {
                json.WriteStartObject();
                json.WriteString("resultUrl", $"{root}/results?locator={BulkLocator.Of(first)}");
                json.WriteEndObject();
                if (job.RowCount == 0) break;
            }
            json.WriteEndArray();
            var done = first >= job.RowCount;
            if (!done) json.WriteString("nextRecordsUrl", $"{root}/resultPages?locator={BulkLocator.Of(first)}");
            json.WriteBoolean("done", done);
        });
    }

    /// <returns>True when an error was answered: results are for finished jobs and for the version that made them.</returns>
    private async Task<bool> RefusedAsync(HttpContext context, BulkJob job)
    {
        if (job.Version != Version(context))
        {
            await JsonAnswers.WriteErrorAsync(context, StatusCodes.Status409Conflict, "API_ERROR", "The API version must be the one the job was created with");
            return true;
        }
        if (job.State == JobState.JobComplete) return false;
        if (job.State is JobState.Failed or JobState.Aborted) throw new SoqlError("INVALIDJOBSTATE", $"The job is in state {job.State} and has no results");
        await JsonAnswers.WriteErrorAsync(context, jobs.Rules.EarlyStatus, "JOB_NOT_COMPLETE", "The job is not complete: results are not available");
        return true;
    }

    private static string? Text(JsonElement order, string name)
        => order.ValueKind == JsonValueKind.Object && order.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
