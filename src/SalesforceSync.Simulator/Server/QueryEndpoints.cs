using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>/query and /queryAll: pages of at most 2,000 records, and the next page by its address.</summary>
internal sealed class QueryEndpoints(RestDoor door, UserView user, SimulatedOrg org, RecordSource source)
{
    private readonly QueryCursors _cursors = new(org.Time);

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (resource, all) in new[] { ("query", false), ("queryAll", true) })
        {
            routes.MapGet($"/services/data/{{version}}/{resource}", door.Guarded(CallKind.Query, context => QueryAsync(context, all)));
            routes.MapGet($"/services/data/{{version}}/{resource}/{{locator}}", door.Guarded(CallKind.QueryMore, MoreAsync));
        }
    }

    /// <summary>200 to 2,000 records a page, as <c>Sforce-Query-Options: batchSize=500</c> asks.</summary>
    public static int PageSize(HttpContext context)
    {
        foreach (var option in context.Request.Headers["Sforce-Query-Options"].ToString().Split([',', ';'], StringSplitOptions.TrimEntries))
        {
            if (option.StartsWith("batchSize=", StringComparison.OrdinalIgnoreCase) && int.TryParse(option.AsSpan(10), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                return Math.Clamp(size, 200, 2000);
        }
        return 2000;
    }

    private async Task QueryAsync(HttpContext context, bool all)
    {
        var soql = context.Request.Query["q"].ToString();
        if (soql.Length == 0) throw SoqlError.Malformed("A query string has to be specified");
        var search = user.Search(soql, all);
        var rows = org.Read(store => source.Rows(store, search).Select(record => record.Id).ToList());
        if (search.Query.IsCount)
        {
            await JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
            {
                json.WriteNumber("totalSize", rows.Count);
                json.WriteBoolean("done", true);
                json.WriteStartArray("records");
                json.WriteEndArray();
            });
            return;
        }
        await PageAsync(context, _cursors.Open(search, rows, PageSize(context)), 0);
    }

    private Task MoreAsync(HttpContext context)
    {
        var (cursor, first) = _cursors.Find(context.GetRouteValue("locator")!.ToString()!);
        return PageAsync(context, cursor, first);
    }

    private Task PageAsync(HttpContext context, QueryCursor cursor, int first) => JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
    {
        var version = context.GetRouteValue("version")!.ToString()!;
        var next = first + cursor.PageSize;
        var done = next >= cursor.Rows.Count;
        json.WriteNumber("totalSize", cursor.Rows.Count);
        json.WriteBoolean("done", done);
        if (!done) json.WriteString("nextRecordsUrl", $"/services/data/{version}/query/{QueryCursors.Locator(cursor, next)}");
        json.WriteStartArray("records");
        org.Read(store =>
        {
            foreach (var id in cursor.Rows.Skip(first).Take(cursor.PageSize))
            {
                if (source.Find(store, cursor.Search.Object, id) is { } record) RecordJson.Write(json, record, cursor.Search.Selected, version);
            }
            return 0;
        });
        json.WriteEndArray();
    });
}
