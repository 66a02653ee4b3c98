using System.Net;
using System.Text.Json;

namespace SalesforceSync.Salesforce;

/// <summary>An HTTP answer read to its end. The body is Salesforce's and may hold anything: it is never logged.</summary>
/// <param name="Date">The server's clock.</param>
internal sealed record SalesforceAnswer(HttpStatusCode Status, DateTimeOffset? Date, byte[] Body)
{
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 32 };

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The body as JSON, or null when it is none (a proxy's page, a maintenance page).</summary>
    public JsonDocument? Json()
    {
        try
        {
            return JsonDocument.Parse(Body, Shallow);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Salesforce's error code, or words that say there is none. Errors come as <c>[{"errorCode":"...","message":"..."}]</c>; the message may quote data and is not taken.</summary>
    public string ErrorCode()
    {
        using var json = Json();
        if (json is null)
            return "no JSON";
        var first = json.RootElement is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list[0] : json.RootElement;
        return AnswerText.Of(first, "errorCode") is { Length: > 0 and <= 64 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? text
            : "no error code";
    }
}

/// <summary>No whole answer came: no connection, no trusted certificate, no answer in time, or one longer than we take.</summary>
internal class SalesforceUnreachableException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The answer is longer than we take: ask for less.</summary>
internal sealed class AnswerTooLongException(string host, int maxBody) : SalesforceUnreachableException($"{host}: the answer is longer than {maxBody} bytes");
