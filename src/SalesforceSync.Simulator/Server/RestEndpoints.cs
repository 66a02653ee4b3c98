using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace SalesforceSync.Simulator.Server;

/// <summary>The part of the REST API that says what an org is: versions, limits, objects, fields.</summary>
internal sealed class RestEndpoints(UserView user, RestDoor door, CallCounts counts, Allowances allowances, TimeProvider time)
{
    private readonly DescribeStamps _stamps = new(time);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/services/data", (RequestDelegate)VersionsAsync);
        routes.MapGet("/services/data/{version}/limits", door.Guarded(CallKind.Limits, LimitsAsync));
        routes.MapGet("/services/data/{version}/sobjects", door.Guarded(CallKind.DescribeGlobal, ObjectsAsync));
        routes.MapGet("/services/data/{version}/sobjects/{name}/describe", door.Guarded(CallKind.Describe, DescribeAsync));
    }

    private static async Task VersionsAsync(HttpContext context)
        => await context.Response.WriteAsJsonAsync(
            Enumerable.Range(60, 8).Select(v => new { label = "Release " + v, url = $"/services/data/v{v}.0", version = $"{v}.0" }), context.RequestAborted);

    private Task LimitsAsync(HttpContext context) => JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
    {
        Limit("DailyApiRequests", allowances.DailyCalls, door.CallsToday);
        Limit("DailyBulkV2QueryFileStorageMB", 976_562, 0);
        Limit("DailyBulkV2QueryJobs", allowances.DailyBulkQueryJobs, door.JobsToday);
        Limit("DailyDeliveredPlatformEvents", allowances.DailyDeliveredEvents, counts.Delivered);

        void Limit(string name, long most, long used)
        {
            json.WriteStartObject(name);
            json.WriteNumber("Max", most);
            json.WriteNumber("Remaining", Math.Max(0, most - used));
            json.WriteEndObject();
        }
    });

    private Task ObjectsAsync(HttpContext context) => JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
    {
        json.WriteString("encoding", "UTF-8");
        json.WriteNumber("maxBatchSize", 200);
        json.WriteStartArray("sobjects");
        foreach (var one in user.Objects)
        {
            json.WriteStartObject();
            ObjectDescription.WriteSummary(json, one);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private async Task DescribeAsync(HttpContext context)
    {
        if (user.Find(context.GetRouteValue("name")?.ToString() ?? "") is not { } found)
        {
            await JsonAnswers.NotFoundAsync(context);
            return;
        }
        var columns = user.Columns(found);
        var changedAt = _stamps.Of(columns);
        var headers = context.Request.GetTypedHeaders();
        if (headers.IfModifiedSince is { } since && changedAt <= since)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        context.Response.GetTypedHeaders().LastModified = changedAt;
        await JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json => ObjectDescription.Write(json, columns));
    }
}
