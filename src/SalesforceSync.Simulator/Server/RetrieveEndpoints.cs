using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>Records by id: many at once (sObject Collections), where null stands for what is deleted, hidden or no id; or one.</summary>
internal sealed class RetrieveEndpoints(RestDoor door, UserView user, SimulatedOrg org, RecordSource source)
{
    private const int MostIds = 2000;

    public void Map(IEndpointRouteBuilder routes)
    {
        const string collection = "/services/data/{version}/composite/sobjects/{name}";
        routes.MapPost(collection, door.Guarded(CallKind.Retrieve, PostedAsync));
        routes.MapGet(collection, door.Guarded(CallKind.Retrieve, context => CollectionAsync(context, Listed(context, "ids"), Listed(context, "fields"))));
        routes.MapGet("/services/data/{version}/sobjects/{name}/{id}", door.Guarded(CallKind.Retrieve, OneAsync));
    }

    private static string Version(HttpContext context) => context.GetRouteValue("version")!.ToString()!;

    private static string[] Listed(HttpContext context, string name)
        => context.Request.Query[name].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private async Task PostedAsync(HttpContext context)
    {
        using var body = await JsonAnswers.ReadAsync(context);
        await CollectionAsync(context, Texts(body.RootElement, "ids"), Texts(body.RootElement, "fields"));
    }

    private async Task CollectionAsync(HttpContext context, string[] ids, string[] fields)
    {
        if (ids.Length > MostIds) throw new SoqlError("EXCEEDED_ID_LIMIT", $"record limit reached. cannot submit more than {MostIds} records in this call");
        if (ids.Length == 0 || fields.Length == 0) throw new SoqlError("REQUIRED_FIELD_MISSING", "ids and fields are required");
        var columns = Columns(context);
        var selected = fields.Distinct(StringComparer.OrdinalIgnoreCase).Select(field => columns[field]).ToList();
        // The id always comes with a record.
        if (!selected.Exists(column => column.Name == "Id")) selected.Insert(0, columns["Id"]);
        await JsonAnswers.WriteArrayAsync(context, StatusCodes.Status200OK, json => org.Read(store =>
        {
            foreach (var id in ids)
            {
                if (Live(store, columns, id) is { } record) RecordJson.Write(json, record, selected, Version(context));
                else json.WriteNullValue();
            }
            return 0;
        }));
    }

    private async Task OneAsync(HttpContext context)
    {
        var columns = Columns(context);
        var fields = Listed(context, "fields");
        var selected = fields.Length == 0 ? columns.All : [.. fields.Select(field => columns[field])];
        var id = context.GetRouteValue("id")!.ToString()!;
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var isFound = org.Read(store =>
        {
            if (Live(store, columns, id) is not { } record) return false;
            using var json = new Utf8JsonWriter(output, JsonAnswers.Plain);
            RecordJson.Write(json, record, selected, Version(context));
            return true;
        });
        if (!isFound)
        {
            await JsonAnswers.WriteErrorAsync(context, StatusCodes.Status404NotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + id);
            return;
        }
        context.Response.ContentType = "application/json;charset=UTF-8";
        await context.Response.BodyWriter.WriteAsync(output.WrittenMemory, context.RequestAborted);
    }

    private SimulatedRecord? Live(RecordStore store, ObjectColumns columns, string id)
        => id.Length is 15 or 18 && source.Find(store, columns.Object, id) is { Deleted: false } record ? record : null;

    private ObjectColumns Columns(HttpContext context)
    {
        var name = context.GetRouteValue("name")!.ToString()!;
        return user.Columns(user.Find(name) ?? throw SoqlError.NoResource());
    }

    /// <exception cref="SoqlError">No list of texts.</exception>
    private static string[] Texts(JsonElement body, string name)
        => body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            && list.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(one => one.GetString()!)]
            : throw new SoqlError("JSON_PARSER_ERROR", $"{name} must be a list of strings");
}
