using System.Globalization;
using Microsoft.AspNetCore.Http;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Parked;
using SalesforceSync.Repair;

namespace SalesforceSync.Status;

/// <summary>
/// What a person may have done from the page: the same as by commands, on the database alone, with a row in the audit that says it was the page and from where.
/// </summary>
internal sealed class Acts(NpgsqlDataSource source, IReadOnlyList<OrgOptions> orgs)
{
    private const int MostShown = 200;

    public Task PauseAsync(HttpContext context) => ActAsync(context, async (org, actor) => new { org, paused = await new OrgPause(source, org, actor).PauseAsync(context.RequestAborted) });

    public Task ResumeAsync(HttpContext context) => ActAsync(context, async (org, actor) => new { org, resumed = await new OrgPause(source, org, actor).ResumeAsync(context.RequestAborted) });

    /// <summary>What is open of an object is tried now.</summary>
    public Task RepairAsync(HttpContext context) => ActAsync(context, async (org, actor) =>
    {
        var name = (string)context.Request.RouteValues["object"]!;
        return new { org, @object = name, hurried = await new RepairOrders(source, actor).HurryAsync(org, name, context.RequestAborted) };
    });

    /// <summary>The open ones, the oldest first, without their bytes.</summary>
    public Task ParkedAsync(HttpContext context) => ActAsync(context, async (org, _) =>
        new { org, events = (await new ParkedEvents(source, org).FindAsync(new([], []), closed: false, context.RequestAborted)).Take(MostShown) });

    public Task RetryAsync(HttpContext context) => DecideAsync(context, (events, chosen) => events.RetryAsync(chosen, context.RequestAborted));

    public Task DropAsync(HttpContext context) => DecideAsync(context, (events, chosen) => events.DropAsync(chosen, context.RequestAborted));

    private Task DecideAsync(HttpContext context, Func<ParkedEvents, IReadOnlyList<ParkedEvent>, Task<IReadOnlyList<ParkedOutcome>>> decide) => ActAsync(context, async (org, actor) =>
    {
        if (!long.TryParse((string)context.Request.RouteValues["id"]!, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return null;
        var events = new ParkedEvents(source, org, actor);
        var chosen = await events.FindAsync(new([id], []), closed: false, context.RequestAborted);
        return chosen.Count == 0 ? null : new { org, events = await decide(events, chosen) };
    });

    /// <param name="act">Null: there is nothing it could be done to.</param>
    private async Task ActAsync(HttpContext context, Func<string, string, Task<object?>> act)
    {
        var name = (string)context.Request.RouteValues["org"]!;
        if (orgs.All(o => o.Name != name))
        {
            await Problem.AnswerAsync(context, StatusCodes.Status404NotFound, "there is no such org");
            return;
        }
        try
        {
            if (await act(name, $"page@{Door.AddressOf(context)}") is { } done)
                await context.Response.WriteAsJsonAsync(done, context.RequestAborted);
            else
                await Problem.AnswerAsync(context, StatusCodes.Status404NotFound, "there is no open event with this id in quarantine");
        }
        catch (Exception gone) when (gone is NpgsqlException or TimeoutException)
        {
            await Problem.AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, $"Postgres: {gone.Message}");
        }
    }
}
