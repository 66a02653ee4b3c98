using System.Text.Json;
using SalesforceSync.Decode;

namespace SalesforceSync.Masks;

/// <summary>The header of an event that is kept without its body, as JSON. A header holds ids, names and times, never a value.</summary>
internal static class HeaderJson
{
    public static string Of(ChangeEventHeader header) => JsonSerializer.Serialize(header, JsonSerializerOptions.Web);

    /// <exception cref="JsonException">It is none.</exception>
    public static ChangeEventHeader Read(string json) =>
        JsonSerializer.Deserialize<ChangeEventHeader>(json, JsonSerializerOptions.Web) ?? throw new JsonException("no header");
}
