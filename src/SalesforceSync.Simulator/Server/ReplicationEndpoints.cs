using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>/updated and /deleted: which records of an object changed or went between two moments, in whole minutes, the end not included.</summary>
internal sealed class ReplicationEndpoints(RestDoor door, UserView user, SimulatedOrg org)
{
    private const int MostIds = 600_000;
    private const int UpdatedDays = 30;
    private const int DeletedDays = 15;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/services/data/{version}/sobjects/{name}/updated", door.Guarded(CallKind.Updated, UpdatedAsync));
        routes.MapGet("/services/data/{version}/sobjects/{name}/deleted", door.Guarded(CallKind.Deleted, DeletedAsync));
    }

    private async Task UpdatedAsync(HttpContext context)
    {
        var (target, start, end) = Asked(context, UpdatedDays);
        var ids = org.Read(store => store.Live(target).Where(record => record.Stamp >= start && record.Stamp < end).Select(record => record.Id).ToList());
        if (ids.Count > MostIds) throw new SoqlError("EXCEEDED_ID_LIMIT", "too many ids: choose a shorter time");
        await JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("ids");
            foreach (var id in ids) json.WriteStringValue(id);
            json.WriteEndArray();
            json.WriteString("latestDateCovered", WireText.Rest(Covered(end)));
        });
    }

    // The log of deletions knows what was purged too.
    private async Task DeletedAsync(HttpContext context)
    {
        var (target, start, end) = Asked(context, DeletedDays);
        var gone = org.Read(store => store.All
            .Where(record => record.Object == target && (record.Deleted || record.Purged) && record.Stamp >= start && record.Stamp < end)
            .Select(record => (record.Id, record.Stamp)).ToList());
        if (gone.Count > MostIds) throw new SoqlError("EXCEEDED_ID_LIMIT", "too many ids: choose a shorter time");
        await JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("deletedRecords");
            foreach (var (id, at) in gone)
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("deletedDate", WireText.Rest(at));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("earliestDateAvailable", WireText.Rest(Minute(org.Time.GetUtcNow().AddDays(-DeletedDays))));
            json.WriteString("latestDateCovered", WireText.Rest(Covered(end)));
        });
    }

    private (SimulatedObject Target, DateTimeOffset Start, DateTimeOffset End) Asked(HttpContext context, int days)
    {
        var name = context.GetRouteValue("name")!.ToString()!;
        var target = user.Find(name) ?? throw SoqlError.NoResource();
        var (start, end) = (Moment(context, "start"), Moment(context, "end"));
        if (start >= end) throw new SoqlError("INVALID_REPLICATION_DATE", "startDate must be before endDate");
        if (start < org.Time.GetUtcNow().AddDays(-days)) throw new SoqlError("INVALID_REPLICATION_DATE", $"startDate cannot be more than {days} days ago");
        return (target, start, end);
    }

    private static DateTimeOffset Moment(HttpContext context, string name)
        => DateTimeOffset.TryParse(context.Request.Query[name].ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? Minute(moment)
            : throw new SoqlError("INVALID_REPLICATION_DATE", $"{name} is no date and time");

    private static DateTimeOffset Minute(DateTimeOffset moment) => new(moment.UtcTicks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero);

    private DateTimeOffset Covered(DateTimeOffset end) => end < org.Time.GetUtcNow() ? end : Minute(org.Time.GetUtcNow());
}
