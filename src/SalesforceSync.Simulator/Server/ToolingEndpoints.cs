using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>/tooling/query over <see cref="ToolingTables"/>; all in one page.</summary>
internal sealed class ToolingEndpoints(RestDoor door, ToolingTables tables, FaultScript faults)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/services/data/{version}/tooling/query", door.Guarded(CallKind.Tooling, QueryAsync));

    private async Task QueryAsync(HttpContext context)
    {
        if (faults.Take(FaultKind.RefuseTooling) is not null)
        {
            await JsonAnswers.WriteErrorAsync(context, StatusCodes.Status403Forbidden, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id: View Setup and Configuration");
            return;
        }
        var query = SoqlParser.Parse(context.Request.Query["q"].ToString());
        if (tables.Find(query.From) is not { } table) throw SoqlError.NoType(query.From);
        var columns = ToolingTables.Columns(table.Rows, table.Name).ToDictionary(column => column.Name, StringComparer.OrdinalIgnoreCase);
        var selected = query.Fields.Select(name => columns.GetValueOrDefault(name) ?? throw SoqlError.NoColumn(name, table.Name)).ToList();
        var filter = new SoqlFilter<ToolingTables.Row>(table.Name, columns.GetValueOrDefault);
        IEnumerable<ToolingTables.Row> found = table.Rows.Where(filter.Of(query.Where));
        if (query.Orders.Count > 0) found = found.Order(Comparer<ToolingTables.Row>.Create(filter.Of(query.Orders)));
        var rows = found.Take(query.Limit ?? int.MaxValue).ToList();
        var root = $"/services/data/{context.GetRouteValue("version")}/tooling/sobjects/{table.Name}/";
        await JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteNumber("size", rows.Count);
            json.WriteNumber("totalSize", rows.Count);
            json.WriteBoolean("done", true);
            json.WriteNull("queryLocator");
            json.WriteString("entityTypeName", table.Name);
            json.WriteStartArray("records");
            foreach (var row in query.IsCount ? [] : rows)
            {
                json.WriteStartObject();
                RecordJson.Attributes(json, table.Name, root + (row.GetValueOrDefault("Id") ?? row.GetValueOrDefault("DurableId")));
                foreach (var column in selected)
                {
                    json.WritePropertyName(column.Name);
                    RecordJson.Value(json, column.Read(row));
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }
}
