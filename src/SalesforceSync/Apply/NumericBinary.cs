using System.Buffers.Text;

namespace SalesforceSync.Apply;

/// <summary>
/// Postgres' binary numeric: groups of four decimal digits, the weight of the first group, a sign and the number of digits shown after the point
/// (Postgres source, numeric_send). Made from decimal text, never through arithmetic, so that it equals what the server makes of the same text.
/// </summary>
internal static class NumericBinary
{
    private const int DigitsPerGroup = 4;
    private const short Negative = 0x4000;
    private const short NotANumber = unchecked((short)0xC000);
    private const short PlusInfinity = unchecked((short)0xD000);
    private const short MinusInfinity = unchecked((short)0xF000);
    private const int LargestScale = 0x3FFF;

    /// <summary>Appends one field. The text is <c>[sign]digits[.digits][E[sign]digits]</c>, or NaN, Infinity, -Infinity.</summary>
    /// <exception cref="FormatException">The text is no number.</exception>
    /// <exception cref="OverflowException">Postgres cannot hold it: more than 131,072 digits before or 16,383 after the point.</exception>
    public static void Write(CopyBuffer target, ReadOnlySpan<byte> text)
    {
        if (Special(text) is { } special)
        {
            Field(target, [], 0, special, 0);
            return;
        }
        var negative = text.Length > 0 && text[0] == (byte)'-';
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+') text = text[1..];
        var digits = text.Length <= 256 ? stackalloc byte[text.Length] : new byte[text.Length];
        var (count, point) = Parse(text, digits);
        var scale = Math.Max(0, count - point);
        if (scale > LargestScale) throw new OverflowException("a number has more digits after its point than Postgres holds");

        var significant = digits[..count].TrimStart((byte)0);
        point -= count - significant.Length;
        significant = significant.TrimEnd((byte)0);
        if (significant.IsEmpty) Field(target, [], 0, 0, (short)scale);
        else Field(target, significant, point, negative ? Negative : (short)0, (short)scale);
    }

    private static short? Special(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("NaN"u8) ? NotANumber : text.SequenceEqual("Infinity"u8) ? PlusInfinity : text.SequenceEqual("-Infinity"u8) ? MinusInfinity : null;

    /// <summary>The digits without point, and how many of them stand before it (negative: zeros follow the point).</summary>
    private static (int Count, int Point) Parse(ReadOnlySpan<byte> text, Span<byte> digits)
    {
        var (count, point, at) = (0, -1, 0);
        for (; at < text.Length && text[at] is not ((byte)'E' or (byte)'e'); at++)
        {
            if (text[at] == (byte)'.' && point < 0) point = count;
            else if (text[at] is >= (byte)'0' and <= (byte)'9') digits[count++] = (byte)(text[at] - '0');
            else throw new FormatException("a numeric value is no number");
        }
        if (count == 0) throw new FormatException("a numeric value has no digits");
        return (count, checked((point < 0 ? count : point) + Exponent(text[at..])));
    }

    private static int Exponent(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return 0;
        var digits = text[1..];
        return Utf8Parser.TryParse(digits, out int exponent, out var used) && used == digits.Length
            ? exponent
            : throw new FormatException("a numeric value has no readable exponent");
    }

    private static void Field(CopyBuffer target, ReadOnlySpan<byte> digits, int point, short sign, short scale)
    {
        // The first group holds one to four digits, so that the point falls between groups.
        var weight = digits.IsEmpty ? 0 : Math.DivRem(point - 1, DigitsPerGroup, out var rest) - (rest < 0 ? 1 : 0);
        var first = point - (weight * DigitsPerGroup);
        var groups = digits.IsEmpty ? 0 : 1 + ((Math.Max(0, digits.Length - first) + DigitsPerGroup - 1) / DigitsPerGroup);
        target.Int32(8 + (2 * groups));
        target.Int16(checked((short)groups));
        target.Int16(checked((short)weight));
        target.Int16(sign);
        target.Int16(scale);
        for (var (group, start) = (0, first - DigitsPerGroup); group < groups; group++, start += DigitsPerGroup)
        {
            var value = 0;
            for (var i = start; i < start + DigitsPerGroup; i++)
                value = (value * 10) + (i >= 0 && i < digits.Length ? digits[i] : 0);
            target.Int16((short)value);
        }
    }
}
