using System.Globalization;
using System.Text;
using SalesforceSync.Decode;

namespace SalesforceSync.Masks;

/// <summary>
/// The one text of a value, whichever way it came: an event, CSV and JSON write the same number, time or flag differently, and its hash has to be the same. Pure.
/// </summary>
internal static class CanonicalText
{
    private const double LeastPlain = 1e-10;
    private const double BeyondPlain = 1e28;

    /// <summary>UTF-8, or null where there is no value; an empty text is none, as in Salesforce.</summary>
    public static byte[]? Of(FieldType type, in FieldValue value)
    {
        if (value.IsNull) return null;
        var text = type switch
        {
            FieldType.Boolean => value.Integer != 0 ? "true" : "false",
            FieldType.Integer or FieldType.BigInteger => Number(value.Integer),
            FieldType.Numeric when !value.Bytes.IsEmpty => Number(double.Parse(value.Bytes.Span, NumberStyles.Float, CultureInfo.InvariantCulture)),
            FieldType.Numeric or FieldType.Coordinate => Number(value.Number),
            FieldType.DateTime => Moment(value.Integer, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"),
            FieldType.DateOnly => Moment(value.Integer, "yyyy-MM-dd"),
            FieldType.TimeOnly => TimeSpan.FromMilliseconds(value.Integer).ToString(@"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture),
            FieldType.Bytes => Convert.ToBase64String(value.Bytes.Span),
            _ => null,
        };
        if (text is not null) return Encoding.UTF8.GetBytes(text);
        return value.Bytes.IsEmpty ? null : value.Bytes.ToArray();
    }

    // A stream carries doubles, a reading decimals of more digits: what both can tell is the nearest double, in its shortest decimal.
    private static string Number(double number)
    {
        if (number == 0) return "0";
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) && Math.Abs(number) is >= LeastPlain and < BeyondPlain
            ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)
            : text;
    }

    private static string Moment(long milliseconds, string form) => PostgresRange.IsCommitTime(milliseconds)
        ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString(form, CultureInfo.InvariantCulture)
        : milliseconds.ToString(CultureInfo.InvariantCulture);
}
