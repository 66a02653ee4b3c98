namespace SalesforceSync.Simulator.Org;

/// <summary>Makes 18-character record ids: key prefix, instance, a number in base 62 and the three characters that carry the case of the first fifteen.</summary>
internal static class SalesforceId
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Checksum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    public static string Make(string keyPrefix, long number)
    {
        Span<char> id = stackalloc char[18];
        keyPrefix.CopyTo(id);
        "Dp0".CopyTo(id[3..]);
        for (var i = 14; i >= 6; i--, number /= 62) id[i] = Digits[(int)(number % 62)];
        return Widened(id[..15], id);
    }

    /// <summary>The 18-character form of a 15-character id.</summary>
    public static string Widen(string id)
    {
        if (id.Length != 15) return id;
        Span<char> wide = stackalloc char[18];
        id.CopyTo(wide);
        return Widened(wide[..15], wide);
    }

    private static string Widened(ReadOnlySpan<char> fifteen, Span<char> wide)
    {
        for (var chunk = 0; chunk < 3; chunk++)
        {
            var bits = 0;
            for (var i = 0; i < 5; i++)
            {
                if (char.IsAsciiLetterUpper(fifteen[(chunk * 5) + i])) bits |= 1 << i;
            }
            wide[15 + chunk] = Checksum[bits];
        }
        return new string(wide);
    }
}
