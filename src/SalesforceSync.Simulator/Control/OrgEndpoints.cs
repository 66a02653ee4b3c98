using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Simulator.Control;

/// <summary>The part of /sim/* by which another process changes the org itself: time, existing records, permissions, channels, fields. 400 says what is wrong.</summary>
internal sealed class OrgEndpoints(SimulatedOrg org, WorkloadRunner workload)
{
    private const string AddedSeries = "E";
    private int _added;

    public void Map(IEndpointRouteBuilder routes)
    {
        Post<AdvanceOrder>(routes, "/sim/advance", order => org.Advance(order.By));
        Post<PrefillOrder>(routes, "/sim/prefill", order => workload.Plant(order));
        Post<AccessOrder>(routes, "/sim/access", Allow);
        Post<SelectionOrder>(routes, "/sim/selection", order => org.Select(order.ObjectName, order.Selected, order.Topic ?? Topic.AllChanges));
        Post<FilterOrder>(routes, "/sim/filter", order => org.Filters.Set(order.Topic ?? Topic.AllChanges, org[order.ObjectName], order.Expression));
        Post<FieldOrder>(routes, "/sim/fields", Change);
        routes.MapPost("/sim/workload/{kind}", (RequestDelegate)CommitAsync);
    }

    private static void Post<T>(IEndpointRouteBuilder routes, string path, Action<T> carryOut) where T : class
        => routes.MapPost(path, (RequestDelegate)(async context =>
        {
            var order = await context.Request.ReadFromJsonAsync<T>(ControlJson.Options, context.RequestAborted);
            await AnswerAsync(context, () => carryOut(order ?? throw new ArgumentException("an order is needed")));
        }));

    private async Task CommitAsync(HttpContext context)
    {
        var times = int.TryParse(context.Request.Query["times"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 1;
        await AnswerAsync(context, () =>
        {
            if (!Enum.TryParse<HardKind>(context.GetRouteValue("kind")?.ToString(), ignoreCase: true, out var kind))
                throw new ArgumentException("kinds: " + string.Join(", ", Enum.GetNames<HardKind>()));
            workload.Commit(kind, times);
        });
    }

    private void Allow(AccessOrder order)
    {
        var target = org[order.ObjectName];
        if (order.Field is not { } field) org.Access.Allow(target.Name, order.Allowed, order.After);
        else if (target.FindField(field) is { } found) org.Access.Show(target.Name, found.Name, order.Allowed, order.After);
        else throw new ArgumentException($"{target.Name} has no field {field}");
    }

    private void Change(FieldOrder order)
    {
        FieldKind? kind = order.Kind is null ? null : Enum.Parse<FieldKind>(order.Kind, ignoreCase: true);
        switch (order.Act)
        {
            case FieldAct.Add: Add(order, kind ?? FieldKind.Text); break;
            case FieldAct.Remove: org.Setup.RemoveField(order.ObjectName, order.Field); break;
            case FieldAct.ChangeType: org.Setup.ChangeType(order.ObjectName, order.Field, kind ?? FieldKind.Text, order.Announcement, order.MaxLength ?? 255); break;
            case FieldAct.Recreate: org.Setup.Recreate(order.ObjectName, order.Field, kind); break;
            default: org.Setup.AddFormula(order.ObjectName, order.Field, FieldKind.Double, DaysOld); break;
        }
    }

    private void Add(FieldOrder order, FieldKind kind)
    {
        var field = new SimulatedField(order.Field, kind)
        {
            FieldId = FieldList.FieldIdOf(AddedSeries, Interlocked.Increment(ref _added)),
            MaxLength = order.MaxLength ?? 255,
            Choices = kind is FieldKind.DynamicEnum or FieldKind.StaticEnum or FieldKind.MultiEnum ? ["one", "two", "drei"] : []
        };
        org.Setup.AddField(order.ObjectName, field, kind == FieldKind.Boolean ? false : null);
    }

    private static object? DaysOld(Func<string, object?> value, DateTimeOffset now)
        => value("CreatedDate") is DateTimeOffset created ? Math.Floor((now - created).TotalDays) : null;

    private static async Task AnswerAsync(HttpContext context, Action carryOut)
    {
        try
        {
            carryOut();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (ArgumentException wrong)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(wrong.Message, context.RequestAborted);
        }
        catch (InvalidOperationException busy)
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            await context.Response.WriteAsync(busy.Message, context.RequestAborted);
        }
    }
}
