using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;

namespace SalesforceSync.Status;

/// <summary>Who a route is for.</summary>
internal enum Access
{
    /// <summary>Whoever can reach the port: what an orchestrator asks, without anything of an org's.</summary>
    Anyone,

    /// <summary>What holds nothing of an org, as the page that asks for the token: everybody where there is a token; without one, this machine.</summary>
    Page,

    /// <summary>Who shows the token; without one, this machine.</summary>
    Reader,

    /// <summary>As <see cref="Reader"/>, and no page of another site: what is asked for changes something.</summary>
    Operator,
}

/// <summary>Stands at every route.</summary>
internal sealed record Who(Access Access);

/// <summary>Every route of the worker's server, and who it is for: none can be added without saying that.</summary>
/// <param name="lives">Reads what is known of one record.</param>
/// <param name="acts">What a person may have done.</param>
internal sealed class Routes(WorkerHealth health, Board board, LiveOverview live, RecordLives lives, Acts acts, MeterProvider? metrics)
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public void Map(IEndpointRouteBuilder app)
    {
        Map(app, "/health/live", Access.Anyone, context => AnswerAsync(context, WorkerHealth.Live()));
        Map(app, "/health/startup", Access.Anyone, context => AnswerAsync(context, health.Startup()));
        Map(app, "/health/ready", Access.Anyone, context => AnswerAsync(context, health.Ready()));
        foreach (var (path, name, type) in PageFiles.All)
            Map(app, path, Access.Page, context => PageFiles.AnswerAsync(context, name, type));
        Map(app, "/api/v1/status", Access.Reader, StatusAsync);
        Map(app, "/api/v1/overview", Access.Reader, OverviewAsync);
        Map(app, "/api/v1/orgs/{org}/records/{id}/life", Access.Reader, lives.AnswerAsync);
        Map(app, "/api/v1/orgs/{org}/quarantine", Access.Reader, acts.ParkedAsync);
        Act(app, "/api/v1/orgs/{org}/pause", acts.PauseAsync);
        Act(app, "/api/v1/orgs/{org}/resume", acts.ResumeAsync);
        Act(app, "/api/v1/orgs/{org}/objects/{object}/repair", acts.RepairAsync);
        Act(app, "/api/v1/orgs/{org}/quarantine/{id}/retry", acts.RetryAsync);
        Act(app, "/api/v1/orgs/{org}/quarantine/{id}/drop", acts.DropAsync);
        if (metrics is not null)
            app.MapPrometheusScrapingEndpoint("/metrics", metrics, null, null).WithMetadata(new Who(Access.Reader));
    }

    private static void Map(IEndpointRouteBuilder app, string path, Access access, RequestDelegate answer) => app.MapMethods(path, Read, answer).WithMetadata(new Who(access));

    private static void Act(IEndpointRouteBuilder app, string path, RequestDelegate answer) =>
        app.MapMethods(path, [HttpMethods.Post], answer).WithMetadata(new Who(Access.Operator));

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

    /// <summary>The overview once, or every two seconds for who asks for a stream of events.</summary>
    private async Task OverviewAsync(HttpContext context)
    {
        var response = context.Response;
        if (!context.Request.Headers.Accept.Any(a => a?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true))
        {
            response.ContentType = "application/json; charset=utf-8";
            if (!HttpMethods.IsHead(context.Request.Method))
                await response.Body.WriteAsync(live.Current, context.RequestAborted);
            return;
        }
        response.ContentType = "text/event-stream";
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            await foreach (var json in live.ListenAsync(either.Token))
            {
                await response.Body.WriteAsync("data: "u8.ToArray(), either.Token);
                await response.Body.WriteAsync(json, either.Token);
                await response.Body.WriteAsync("\n\n"u8.ToArray(), either.Token);
                await response.Body.FlushAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // Whoever listened has left, or the worker ends.
        }
    }
}
