using System.Text.Json;

namespace SalesforceSync.Salesforce;

/// <summary>
/// Texts and numbers of an answer. Parsing does not look into them: bytes that are no UTF-8 and half of an escaped surrogate pair are found out by whoever takes
/// the text, who must not fail for it.
/// </summary>
internal static class AnswerText
{
    /// <summary>Null where it is no text, or one that .NET cannot hold.</summary>
    public static string? Of(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Null also where there is no such property.</summary>
    public static string? Of(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? Of(value) : null;

    /// <summary>Whether a property is called so, whatever the case of its letters.</summary>
    public static bool IsName(JsonProperty property, string name)
    {
        try
        {
            return property.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A whole number; null where it is none.</summary>
    public static long? Whole(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;
}
