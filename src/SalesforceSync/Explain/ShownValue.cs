using System.Globalization;
using SalesforceSync.Decode;

namespace SalesforceSync.Explain;

/// <summary>What an event writes, as it is shown to a person who asked for values.</summary>
internal static class ShownValue
{
    /// <summary>Characters shown of a value.</summary>
    public const int Most = 200;

    /// <summary>Null for a null; a text difference is not a value.</summary>
    public static string? Of(FieldWrite write)
    {
        if (write.IsDiff) return "a difference";
        if (write.Value.IsNull) return null;
        var shown = write.Field.Type switch
        {
            FieldType.Boolean => write.Value.Integer != 0 ? "true" : "false",
            FieldType.DateTime => DateTimeOffset.FromUnixTimeMilliseconds(write.Value.Integer).ToString("O", CultureInfo.InvariantCulture),
            FieldType.DateOnly => DateTimeOffset.FromUnixTimeMilliseconds(write.Value.Integer).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            FieldType.TimeOnly => TimeSpan.FromMilliseconds(write.Value.Integer).ToString(),
            FieldType.Integer or FieldType.BigInteger => write.Value.Integer.ToString(CultureInfo.InvariantCulture),
            FieldType.Coordinate => write.Value.Number.ToString("R", CultureInfo.InvariantCulture),
            FieldType.Numeric when write.Value.Bytes.IsEmpty => write.Value.Number.ToString("R", CultureInfo.InvariantCulture),
            FieldType.Bytes => $"{write.Value.Bytes.Length} bytes",
            _ => write.Value.Text,
        };
        return shown.Length > Most ? shown[..Most] : shown;
    }
}
