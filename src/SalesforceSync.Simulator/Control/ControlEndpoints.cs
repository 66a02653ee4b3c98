using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Simulator.Control;

/// <summary>What no Salesforce has: /sim/*, by which another process drives the simulator and asks it for the truth.</summary>
internal sealed class ControlEndpoints(SimulatedOrg org, FaultScript faults, CallCounts counts, WorkloadRunner workload)
{
    private const int MaxCommits = 50_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sim/state", (RequestDelegate)(context => context.Response.WriteAsJsonAsync(State(), ControlJson.Options, context.RequestAborted)));
        routes.MapGet("/sim/truth", (RequestDelegate)TruthAsync);
        routes.MapGet("/sim/commits", (RequestDelegate)CommitsAsync);
        routes.MapGet("/sim/transactions", (RequestDelegate)TransactionsAsync);
        routes.MapGet("/sim/workload", (RequestDelegate)(context => context.Response.WriteAsJsonAsync(workload.Status, ControlJson.Options, context.RequestAborted)));
        routes.MapPost("/sim/workload", (RequestDelegate)StartWorkloadAsync);
        routes.MapPost("/sim/workload/release", (RequestDelegate)ReleaseAsync);
        routes.MapPost("/sim/faults/{kind}", (RequestDelegate)ArmAsync);
        routes.MapDelete("/sim/faults", (RequestDelegate)ClearAsync);
    }

    private SimulatorState State() => new(
        org.Transactions, org.Bus.EventCount, Convert.ToHexStringLower(org.FindTopic(Topic.AllChanges)!.ReplayIdOf(org.Bus.NewestEvent).Span),
        counts.Tokens, counts.Rest, counts.Schemas, counts.Topics, counts.Subscribes, counts.Open, counts.MostOpen, counts.Delivered, counts.OverRequests,
        faults.Fired, workload.Status)
    {
        RestByKind = counts.RestByKind,
        Waiting = org.Bus.Waiting,
        Ahead = org.Ahead,
        Acts = org.Tally.Counts
    };

    private async Task TruthAsync(HttpContext context)
    {
        context.Response.ContentType = "application/x-ndjson";
        foreach (var line in TruthJson.Lines(org.Truth())) await context.Response.BodyWriter.WriteAsync(line, context.RequestAborted);
    }

    private async Task CommitsAsync(HttpContext context)
    {
        var topic = org.FindTopic(context.Request.Query["topic"].FirstOrDefault() ?? Topic.AllChanges);
        if (topic is null || !TryReadPosition(context.Request.Query["after"].ToString(), topic, out var after))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var commits = org.Bus.CommitsAfter(after, topic, MaxCommits)
            .Select(commit => new CommitStamp(Convert.ToHexStringLower(topic.ReplayIdOf(commit.Position).Span), Milliseconds(commit.At)));
        await context.Response.WriteAsJsonAsync(commits, ControlJson.Options, context.RequestAborted);
    }

    private async Task TransactionsAsync(HttpContext context)
    {
        var skip = int.TryParse(context.Request.Query["skip"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 0;
        var topic = org.FindTopic(Topic.AllChanges)!;
        var stamps = org.Journal(skip, MaxCommits)
            .Select(t => new TransactionStamp(t.Key, t.Events, t.Changes, t.Records, Convert.ToHexStringLower(topic.ReplayIdOf(t.LastPosition).Span)));
        await context.Response.WriteAsJsonAsync(stamps, ControlJson.Options, context.RequestAborted);
    }

    private async Task StartWorkloadAsync(HttpContext context)
    {
        var order = await context.Request.ReadFromJsonAsync<WorkloadOrder>(ControlJson.Options, context.RequestAborted);
        try
        {
            workload.Start(order ?? new WorkloadOrder());
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        catch (InvalidOperationException busy)
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            await context.Response.WriteAsync(busy.Message, context.RequestAborted);
        }
    }

    private Task ReleaseAsync(HttpContext context)
    {
        workload.Release();
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }

    private async Task ArmAsync(HttpContext context)
    {
        if (!Enum.TryParse<FaultKind>(context.GetRouteValue("kind")?.ToString(), ignoreCase: true, out var kind))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("faults: " + string.Join(", ", Enum.GetNames<FaultKind>()), context.RequestAborted);
            return;
        }
        // A client that streams its order gives no length.
        var order = context.Request.HasJsonContentType()
            ? await context.Request.ReadFromJsonAsync<FaultOrder>(ControlJson.Options, context.RequestAborted)
            : null;
        faults.Arm(kind, order);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private Task ClearAsync(HttpContext context)
    {
        faults.Clear();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static bool TryReadPosition(string hex, Topic topic, out long position)
    {
        position = 0;
        if (hex.Length == 0) return true;
        if (hex.Length != 20 || !long.TryParse(hex.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)) return false;
        position = number - topic.Offset;
        return true;
    }

    private static double Milliseconds(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / (double)TimeSpan.TicksPerMillisecond;
}
