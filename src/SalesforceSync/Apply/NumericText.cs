using System.Globalization;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// The decimal text of a numeric value. A double becomes the shortest decimal that reads back as the same double, which is what the user typed for anything
/// of up to 15 digits; Postgres' own cast of float8 to numeric would round to 15 digits.
/// </summary>
internal static class NumericText
{
    /// <summary>Enough for every double: sign, 17 digits, point, exponent.</summary>
    public const int Longest = 32;

    /// <summary>Digits a double carries exactly whatever they are.</summary>
    private const int ExactDigits = 15;

    /// <summary>From here on doubles lie further apart than hundredths: 9999999999999999.99 comes as 1E16, whose digits look few and sure.</summary>
    private const double CoarseFrom = 1e14;

    /// <summary>A number field holds 18 digits at most: what is larger is a double that was meant as one.</summary>
    private const double BeyondFields = 1e18;

    /// <summary>The text in ASCII: the value's own digits where it came as a decimal, else written into <paramref name="buffer"/>.</summary>
    public static ReadOnlySpan<byte> Of(in FieldValue value, Span<byte> buffer)
    {
        if (!value.Bytes.IsEmpty) return value.Bytes.Span;
        if (!value.Number.TryFormat(buffer, out var written, default, CultureInfo.InvariantCulture))
            throw new InvalidOperationException("a double did not fit its text");
        return buffer[..written];
    }

    /// <summary>True when a double's digits may differ from what was entered, so that only Salesforce can tell them.</summary>
    public static bool MayBeRounded(in FieldValue value)
    {
        if (!value.Bytes.IsEmpty || !double.IsFinite(value.Number) || PlantedBug.Is(PlantedBugs.RoundedBelieved)) return false;
        if (Math.Abs(value.Number) is >= CoarseFrom and < BeyondFields) return true;
        Span<byte> buffer = stackalloc byte[Longest];
        return SignificantDigits(Of(value, buffer)) > ExactDigits;
    }

    private static int SignificantDigits(ReadOnlySpan<byte> text)
    {
        var (digits, trailingZeros) = (0, 0);
        foreach (var character in text)
        {
            if (character is (byte)'E') break;
            if (character is < (byte)'0' or > (byte)'9' || (character == (byte)'0' && digits == 0)) continue;
            digits++;
            trailingZeros = character == (byte)'0' ? trailingZeros + 1 : 0;
        }
        return digits - trailingZeros;
    }
}
