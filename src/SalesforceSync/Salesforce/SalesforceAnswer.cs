using System.Net;
using System.Text.Json;

namespace SalesforceSync.Salesforce;

/// <summary>An HTTP answer read to its end. The body is Salesforce's and may hold anything: it is never logged.</summary>
/// <param name="Date">The server's clock.</param>
/// <param name="ApiUsage">The header <c>Sforce-Limit-Info</c>, as it came.</param>
internal sealed record SalesforceAnswer(HttpStatusCode Status, DateTimeOffset? Date, string? ApiUsage, byte[] Body)
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
}

/// <summary>No whole answer came: no connection, no trusted certificate, no answer in time, or one longer than we take.</summary>
internal sealed class SalesforceUnreachableException(string message, Exception? innerException = null) : Exception(message, innerException);
