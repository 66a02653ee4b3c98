using System.Globalization;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>Decimal numbers compared by value from their texts, however many digits: 1.50, 1.5 and 15e-1 are one number, 0.1 and 0.1000000000000000055 are two.</summary>
internal static class DecimalText
{
    /// <returns>The same text for equal numbers.</returns>
    /// <exception cref="FormatException">It is no decimal number.</exception>
    public static string Canonical(string text)
    {
        var negative = text.StartsWith('-');
        var unsigned = text.TrimStart('+', '-');
        var mark = unsigned.IndexOfAny(['e', 'E']);
        var exponent = mark < 0 ? 0 : int.Parse(unsigned[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? unsigned : unsigned[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        if (digits.Length == 0 || digits.AsSpan().ContainsAnyExceptInRange('0', '9')) throw new FormatException("not a decimal number");
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;
        digits = digits.TrimStart('0');
        if (digits.Length == 0) return "0";
        var significant = digits.TrimEnd('0');
        exponent += digits.Length - significant.Length;
        return string.Create(CultureInfo.InvariantCulture, $"{(negative ? "-" : "")}{significant}e{exponent}");
    }

    public static string Canonical(double value) => Canonical(value.ToString("R", CultureInfo.InvariantCulture));
}
