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
        element.ValueKind == JsonValueKind.Object && TryFind(element, name, out var value) ? Of(value) : null;

    /// <summary>The property of an object that is called so. Names that .NET cannot hold are passed over.</summary>
    public static bool TryFind(JsonElement element, string name, out JsonElement value)
    {
        try
        {
            return element.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException) when (element.ValueKind == JsonValueKind.Object)
        {
            // One of the names cannot be read, and may stand before the one that is looked for.
            var found = element.EnumerateObject().Where(property => IsName(property, name, StringComparison.Ordinal)).ToList();
            value = found.Count > 0 ? found[^1].Value : default;
            return found.Count > 0;
        }
    }

    /// <summary>Whether a property is called so, whatever the case of its letters.</summary>
    public static bool IsName(JsonProperty property, string name) => IsName(property, name, StringComparison.OrdinalIgnoreCase);

    private static bool IsName(JsonProperty property, string name, StringComparison comparison)
    {
        try
        {
            return property.Name.Equals(name, comparison);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A whole number; null where it is none.</summary>
    public static long? Whole(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && TryFind(element, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;
}
