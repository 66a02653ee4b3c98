using System.Globalization;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>What becomes of a value when its field changes its type: kept where the new type holds it, else gone.</summary>
internal static class FieldConversion
{
    public static object? Convert(object? value, SimulatedField to)
    {
        var converted = (value, to.ValueKind) switch
        {
            (string text, ValueKind.Text) => Cut(text, to.MaxLength),
            (bool or int or double or decimal or DateTimeOffset or DateOnly or TimeOnly, ValueKind.Text) => Spell(value),
            (int number, ValueKind.Number) => (double)number,
            (double number, ValueKind.Number) => number,
            (decimal number, ValueKind.Number) => number,
            (double number, ValueKind.WholeNumber) when Math.Abs(number) < int.MaxValue => (int)Math.Truncate(number),
            (int or bool or DateOnly or TimeOnly or DateTimeOffset, var kind) when kind == KindOf(value) => value,
            (DateOnly date, ValueKind.DateTime) => new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero),
            _ => null
        };
        // A checkbox is never empty.
        return converted ?? (to.ValueKind == ValueKind.Boolean ? false : null);
    }

    private static string Cut(string text, int length)
        => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)].TrimEnd() is { Length: > 0 } cut ? cut : "x";

    private static string? Spell(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        double number => ((decimal)number).ToString(CultureInfo.InvariantCulture),
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        int number => number.ToString(CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => null
    };

    private static ValueKind KindOf(object value) => value switch
    {
        int => ValueKind.WholeNumber,
        bool => ValueKind.Boolean,
        DateOnly => ValueKind.Date,
        TimeOnly => ValueKind.Time,
        _ => ValueKind.DateTime
    };
}
