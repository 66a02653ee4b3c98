using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>Writes one JSON object as the whole answer.</summary>
internal static class JsonAnswers
{
    /// <summary>Salesforce escapes what JSON must escape and nothing else: <c>+0000</c> stays as it is.</summary>
    public static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json;charset=UTF-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, Plain);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    public static async Task WriteArrayAsync(HttpContext context, int status, Action<Utf8JsonWriter> elements)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json;charset=UTF-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, Plain);
        json.WriteStartArray();
        elements(json);
        json.WriteEndArray();
        await json.FlushAsync(context.RequestAborted);
    }

    public static Task NotFoundAsync(HttpContext context)
        => WriteErrorAsync(context, StatusCodes.Status404NotFound, "NOT_FOUND", "The requested resource does not exist");

    /// <exception cref="SoqlError">The body is no JSON.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        }
        catch (JsonException)
        {
            throw new SoqlError("JSON_PARSER_ERROR", "The HTTP entity body is required, but could not be read as JSON");
        }
    }

    /// <summary>The shape of REST errors: an array of one.</summary>
    public static async Task WriteErrorAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json;charset=UTF-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, Plain);
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("message", message);
        json.WriteString("errorCode", code);
        json.WriteEndObject();
        json.WriteEndArray();
        await json.FlushAsync(context.RequestAborted);
    }
}
