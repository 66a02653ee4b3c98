using System.Globalization;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Decode;

/// <summary>
/// The bitmaps of changedFields, nulledFields and diffFields. An element is <c>0x4008</c>, hexadecimal and big-endian, bit <i>i</i> from the right being the
/// field at position <i>i</i> of the event's own schema (the header is 0), or <c>6-0x0180</c>, the same for the parts of the field at position 6. Elements stand
/// in any number; a top-level one can be missing. (Pub/Sub API, "Event Deserialization Considerations", and captured events.) Pure.
/// </summary>
internal static class ChangedFieldBitmap
{
    private const int MostDigits = 2_500;
    private const int MostPositionDigits = 5;

    /// <summary>
    /// Adds the leaves that one element flags. A flag on a compound means all its parts. Bits beyond the schema mean that the bitmap belongs to another schema,
    /// and are refused like whatever cannot be read.
    /// </summary>
    /// <param name="fields">The schema's fields by position, the header first.</param>
    /// <param name="leaves">Receives the flags.</param>
    /// <returns>Null, or what is wrong with the element.</returns>
    public static string? Mark(string element, IReadOnlyList<FieldPosition> fields, LeafSet leaves)
    {
        var dash = element.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0) return MarkBits(element, fields, firstAllowed: 1, leaves);
        if (dash > MostPositionDigits || !int.TryParse(element.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return "a bitmap whose position cannot be read";
        if (position == 0 || position >= fields.Count) return $"a bitmap for position {position} of {fields.Count}";
        var parts = fields[position].Parts;
        if (parts.Count == 0) return $"a bitmap for the parts of {fields[position].Name}, which has none";
        return MarkBits(element.AsSpan(dash + 1), parts, firstAllowed: 0, leaves);
    }

    private static string? MarkBits(ReadOnlySpan<char> bitmap, IReadOnlyList<FieldPosition> fields, int firstAllowed, LeafSet leaves)
    {
        if (bitmap.Length < 3 || bitmap[0] != '0' || bitmap[1] is not ('x' or 'X')) return "a bitmap that cannot be read";
        var digits = bitmap[2..];
        if (digits.Length > MostDigits) return $"a bitmap of more than {MostDigits} digits";
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)];
            if (!char.IsAsciiHexDigit(digit)) return "a bitmap with a digit that is not hexadecimal";
            for (int bits = HexValue(digit), at = PlantedBug.Is(PlantedBugs.BitmapShifted) ? (i * 4) + 1 : i * 4; bits != 0; bits >>= 1, at++)
            {
                if ((bits & 1) == 0) continue;
                if (at < firstAllowed || at >= fields.Count) return $"a bitmap with bit {at} of {fields.Count} fields";
                leaves.Add(fields[at].FirstLeaf, fields[at].LeafCount);
            }
        }

        return null;
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
