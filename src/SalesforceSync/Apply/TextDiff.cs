using System.Buffers;
using System.Security.Cryptography;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// Salesforce's unified difference of a long text: <c>--- \n+++ &lt;SHA-256 of the whole new text&gt;\n@@ -a,b +c,d @@ ...</c>. Nothing it makes is taken
/// unless the hash says that it is the new text, so it may try whatever is likely. Pure; bounded by the lengths of both texts; never throws.
/// </summary>
internal static class TextDiff
{
    /// <summary>Bytes; more than a field of Salesforce (131,072 characters) has in UTF-8, and than an event.</summary>
    public const int Longest = 1 << 20;

    private const int HashLength = 32;

    /// <summary>The new text, or null when the difference does not fit the text we have or is none.</summary>
    /// <param name="stored">UTF-8.</param>
    /// <param name="diff">UTF-8, as the event has it.</param>
    public static byte[]? Apply(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> diff)
    {
        if (stored.Length > Longest || diff.Length > Longest) return null;
        Span<byte> target = stackalloc byte[HashLength];
        if (!TryReadTarget(ref diff, target)) return null;
        if (Fit(stored.ToArray(), target) is { } already) return already;
        if (Hunk.Read(diff) is not { } hunks) return null;
        bool[] lasts = stored.EndsWith("\n"u8) ? [false, true] : [false];
        bool[] before = hunks.Any(hunk => hunk.Old.Count == 0) ? [false, true] : [false];
        bool[] told = hunks.Any(hunk => hunk.New.Any(line => line.HasReturn)) ? [false, true] : [false];
        foreach (var keepLast in lasts)
        {
            var text = TextLines.Of(stored, keepLast);
            foreach (var reading in before.SelectMany(_ => told, (insertsBefore, toldEnds) => new HunkReading(insertsBefore, toldEnds)))
            {
                if (text.Patch(hunks, reading) is { } patched && Fit(patched, target) is { } fits) return fits;
            }
        }
        return null;
    }

    private static bool TryReadTarget(ref ReadOnlySpan<byte> diff, scoped Span<byte> target)
    {
        var first = Hunk.NextLine(ref diff);
        var second = Hunk.NextLine(ref diff);
        return first.StartsWith("---"u8) && second.StartsWith("+++ "u8) && second.Length >= 4 + 2 * HashLength
            && Convert.FromHexString(second.Slice(4, 2 * HashLength), target, out _, out var written) == OperationStatus.Done && written == HashLength;
    }

    /// <summary>The text itself, or with other line ends, or with other ends, if that is what the hash is of.</summary>
    private static byte[]? Fit(byte[] text, ReadOnlySpan<byte> target)
    {
        if (Ended(text, target) is { } asItIs) return asItIs;
        var (bare, full) = (TextLines.WithEnds(text, "\n"u8), TextLines.WithEnds(text, "\r\n"u8));
        return (bare.Length == text.Length ? null : Ended(bare, target)) ?? (full.Length == text.Length ? null : Ended(full, target));
    }

    // Salesforce trims texts when it stores them; whether the last line has an end is lost in differences of lines.
    private static byte[]? Ended(byte[] text, ReadOnlySpan<byte> target)
    {
        if (Is(text, target)) return text;
        ReadOnlySpan<byte> whole = text;
        return Taken(whole.TrimEnd("\r\n"u8), text, target) ?? Taken(whole.Trim(" \t\r\n\f\v"u8), text, target)
            ?? Longer(whole, "\n"u8, target) ?? Longer(whole, "\r\n"u8, target);
    }

    private static byte[]? Taken(ReadOnlySpan<byte> part, byte[] of, ReadOnlySpan<byte> target) => part.Length < of.Length && Is(part, target) ? part.ToArray() : null;

    private static byte[]? Longer(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end, ReadOnlySpan<byte> target)
    {
        byte[] longer = [.. text, .. end];
        return Is(longer, target) ? longer : null;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> target)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        SHA256.HashData(text, hash);
        return hash.SequenceEqual(target) || PlantedBug.Is(PlantedBugs.DiffUnchecked);
    }
}
