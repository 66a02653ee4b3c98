namespace SalesforceSync.Decode;

/// <summary>
/// Record ids as they stand in event headers: 18 characters, 15 (widened here), or the wildcard <c>001*</c> for all records of an object, which passes as it is,
/// as does the dummy <c>000000000000000AAA</c> of GAP_OVERFLOW. (Change Data Capture Developer Guide, "Change Event Fields".)
/// </summary>
internal static class RecordId
{
    private const string ChecksumDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    private const int PrefixLength = 3;
    private const int ShortLength = 15;
    private const int LongLength = 18;

    /// <summary>The id in 18 characters, or the wildcard; null when it is neither.</summary>
    public static string? Of(ReadOnlySpan<byte> ascii)
    {
        if (ascii.Length is not (PrefixLength + 1 or ShortLength or LongLength)) return null;
        Span<char> id = stackalloc char[LongLength];
        for (var i = 0; i < ascii.Length; i++) id[i] = (char)ascii[i];
        if (ascii.Length == PrefixLength + 1)
            return id[PrefixLength] == '*' && AreAlphanumeric(id[..PrefixLength]) ? new string(id[..(PrefixLength + 1)]) : null;
        if (!AreAlphanumeric(id[..ascii.Length])) return null;
        if (ascii.Length == ShortLength) Widen(id);
        return new string(id);
    }

    // Each of the last three characters says which of five characters are upper case, the first in the lowest bit.
    private static void Widen(Span<char> id)
    {
        for (var group = 0; group < 3; group++)
        {
            var upper = 0;
            for (var i = 0; i < 5; i++)
                if (char.IsAsciiLetterUpper(id[(group * 5) + i])) upper |= 1 << i;
            id[ShortLength + group] = ChecksumDigits[upper];
        }
    }

    private static bool AreAlphanumeric(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c)) return false;
        return true;
    }
}
