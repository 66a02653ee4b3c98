using System.Globalization;
using System.Text.Json;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>Values of a row that was read as JSON, compared with true ones.</summary>
internal static class RowText
{
    /// <returns>Null for a null and for a column that is not there.</returns>
    public static string? Of(JsonElement row, string column)
    {
        if (!row.TryGetProperty(column, out var value)) return null;
        return value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText()
        };
    }

    public static bool Same(ValueKind kind, object? wanted, string? found)
    {
        if (wanted is null || found is null) return wanted is null && found is null;
        try
        {
            return kind switch
            {
                ValueKind.Number or ValueKind.WholeNumber => DecimalText.Canonical(TruthJson.Show(wanted)!) == DecimalText.Canonical(found),
                ValueKind.DateTime => (DateTimeOffset)wanted == DateTimeOffset.Parse(found, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                ValueKind.Date => (DateOnly)wanted == DateOnly.Parse(found, CultureInfo.InvariantCulture),
                ValueKind.Time => (TimeOnly)wanted == TimeOnly.Parse(found, CultureInfo.InvariantCulture),
                _ => string.Equals(TruthJson.Show(wanted), found, StringComparison.Ordinal)
            };
        }
        catch (FormatException)
        {
            // What does not even read as its kind is different.
            return false;
        }
    }
}
