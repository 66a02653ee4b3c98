using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Server;

/// <summary>The part of the REST API that says what an org is: versions, limits, objects, fields.</summary>
internal sealed class RestEndpoints(SimulatedOrg org, AccessTokens tokens, CallCounts counts)
{
    private const int DailyCalls = 100_000;
    private const int DailyEvents = 50_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/services/data", (RequestDelegate)VersionsAsync);
        routes.MapGet("/services/data/{version}/limits", Guarded(LimitsAsync));
        routes.MapGet("/services/data/{version}/sobjects", Guarded(ObjectsAsync));
        routes.MapGet("/services/data/{version}/sobjects/{name}/describe", Guarded(DescribeAsync));
    }

    private RequestDelegate Guarded(RequestDelegate answer) => async context =>
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || !tokens.Accept(header[7..]))
        {
            await JsonAnswers.WriteErrorAsync(context, StatusCodes.Status401Unauthorized, "INVALID_SESSION_ID", "Session expired or invalid");
            return;
        }
        var used = counts.RestCall();
        context.Response.Headers["Sforce-Limit-Info"] = string.Create(CultureInfo.InvariantCulture, $"api-usage={used}/{DailyCalls}");
        await answer(context);
    };

    private static async Task VersionsAsync(HttpContext context)
        => await context.Response.WriteAsJsonAsync(
            Enumerable.Range(60, 8).Select(v => new { label = "Release " + v, url = $"/services/data/v{v}.0", version = $"{v}.0" }), context.RequestAborted);

    private Task LimitsAsync(HttpContext context) => JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
    {
        Limit("DailyApiRequests", DailyCalls, counts.Rest);
        Limit("DailyDeliveredPlatformEvents", DailyEvents, counts.Delivered);
        Limit("DailyBulkV2QueryJobs", 10_000, 0);

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
        foreach (var one in org.Objects)
        {
            json.WriteStartObject();
            ObjectDescription.WriteSummary(json, one);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private Task DescribeAsync(HttpContext context)
    {
        var name = context.GetRouteValue("name")?.ToString() ?? "";
        return org.FindObject(name) is { } found
            ? JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json => ObjectDescription.Write(json, found))
            : JsonAnswers.WriteErrorAsync(context, StatusCodes.Status404NotFound, "NOT_FOUND", "The requested resource does not exist");
    }
}
