using System.Globalization;

namespace SalesforceSync.Simulator.Soql;

/// <summary>Single values the way Salesforce writes them.</summary>
internal static class WireText
{
    /// <summary>As in the results of Bulk queries; empty for null.</summary>
    public static string Csv(object? value) => value is DateTimeOffset moment
        ? moment.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
        : Rest(value) ?? "";

    /// <summary>As in REST, where a time has another zone mark.</summary>
    public static string? Rest(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        double number => Number(number),
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        DateTimeOffset moment => Rest(moment),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"no text for {value.GetType().Name}")
    };

    public static string Rest(DateTimeOffset moment) => moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+0000'", CultureInfo.InvariantCulture);

    /// <summary>As Java writes a double, which is what Salesforce answers with: 12.0, 1.5E7, 1.0E-4.</summary>
    public static string Number(double number)
    {
        var size = Math.Abs(number);
        if (size == 0) return "0.0";
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        var isPlain = !text.Contains('E', StringComparison.Ordinal);
        if (isPlain && size is >= 1e-3 and < 1e7) return text.Contains('.', StringComparison.Ordinal) ? text : text + ".0";
        var (digits, exponent) = Scientific(text);
        return string.Create(CultureInfo.InvariantCulture, $"{(number < 0 ? "-" : "")}{digits[0]}.{(digits.Length > 1 ? digits[1..] : "0")}E{exponent}");
    }

    // From the shortest text: asked for 17 digits, 1E-12 is 9.9999999999999998E-13.
    private static (string Digits, int Exponent) Scientific(string text)
    {
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = (mark < 0 ? text : text[..mark]).Replace("-", "", StringComparison.Ordinal);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var zeros = all.Length - all.TrimStart('0').Length;
        var exponent = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return (all.Trim('0'), exponent + (point < 0 ? all.Length : point) - 1 - zeros);
    }
}
