using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry.Metrics;

namespace SalesforceSync.Status;

/// <summary>Who a route is for.</summary>
internal enum Access
{
    /// <summary>Whoever can reach the port: what an orchestrator asks, without anything of an org's.</summary>
    Anyone,

    /// <summary>Who shows the token; without one, this machine.</summary>
    Reader,
}

/// <summary>Stands at every route.</summary>
internal sealed record Who(Access Access);

/// <summary>Every route of the worker's server, and who it is for: none can be added without saying that.</summary>
internal sealed class Routes(WorkerHealth health, Board board, MeterProvider? metrics)
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public void Map(IEndpointRouteBuilder app)
    {
        Map(app, "/health/live", Access.Anyone, context => AnswerAsync(context, WorkerHealth.Live()));
        Map(app, "/health/startup", Access.Anyone, context => AnswerAsync(context, health.Startup()));
        Map(app, "/health/ready", Access.Anyone, context => AnswerAsync(context, health.Ready()));
        Map(app, "/api/v1/status", Access.Reader, StatusAsync);
        if (metrics is not null)
            app.MapPrometheusScrapingEndpoint("/metrics", metrics, null, null).WithMetadata(new Who(Access.Reader));
    }

    private static void Map(IEndpointRouteBuilder app, string path, Access access, RequestDelegate answer) => app.MapMethods(path, Read, answer).WithMetadata(new Who(access));

    private static Task AnswerAsync(HttpContext context, HealthAnswer answer)
    {
        context.Response.StatusCode = answer.IsOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsJsonAsync(new { status = answer.Status, reasons = answer.Reasons }, context.RequestAborted);
    }

    private async Task StatusAsync(HttpContext context)
    {
        if (board.Current is not { } reading)
        {
            await Problem.AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, $"Postgres has not said it for a while: {board.Trouble}");
            return;
        }
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.LastModified = reading.At.ToString("R");
        context.Response.ContentLength = reading.Json.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(reading.Json, context.RequestAborted);
    }
}
