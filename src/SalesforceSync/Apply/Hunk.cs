using System.Buffers.Text;

namespace SalesforceSync.Apply;

/// <summary>A line of the new text.</summary>
/// <param name="At">How many old lines of the same part stand before it.</param>
/// <param name="IsKept">It is the old line there.</param>
/// <param name="HasReturn">The difference shows a carriage return at its end.</param>
internal readonly record struct HunkLine(byte[] Content, int At, bool IsKept, bool HasReturn);

/// <summary>What differences leave open.</summary>
/// <param name="InsertsBefore">A part that takes no line stands before the line of its number, not after it.</param>
/// <param name="ToldEnds">New lines have the line ends the difference shows, not those around them.</param>
internal readonly record struct HunkReading(bool InsertsBefore, bool ToldEnds);

/// <summary>One part of a unified difference.</summary>
/// <param name="Start">The number of its first line in the old text, the first being 1.</param>
/// <param name="Old">The lines it expects there, without line ends.</param>
/// <param name="New">Their place is taken by these.</param>
/// <param name="CutsEnd">The new text has no line end after the last line of this part, the old one had.</param>
/// <param name="AddsEnd">The old text had none, the new one has.</param>
internal sealed record Hunk(int Start, IReadOnlyList<byte[]> Old, IReadOnlyList<HunkLine> New, bool CutsEnd, bool AddsEnd)
{
    /// <summary>The parts of a difference, or null when it is malformed.</summary>
    /// <param name="diff">What follows the two header lines.</param>
    public static IReadOnlyList<Hunk>? Read(ReadOnlySpan<byte> diff)
    {
        var hunks = new List<Hunk>();
        while (!diff.IsEmpty)
        {
            var header = NextLine(ref diff);
            if (header.IsEmpty && diff.IsEmpty) break;
            if (!TryReadHeader(header, out var start, out var oldCount, out var newCount) || Body(ref diff, start, oldCount, newCount) is not { } hunk) return null;
            hunks.Add(hunk);
        }
        return hunks.Count == 0 ? null : hunks;
    }

    /// <summary>Takes a line off the text, without its end.</summary>
    public static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> text) => NextLine(ref text, out _);

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> text, out bool hasReturn)
    {
        var end = text.IndexOf((byte)'\n');
        var line = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[(end + 1)..];
        hasReturn = line.EndsWith("\r"u8);
        return hasReturn ? line[..^1] : line;
    }

    private static Hunk? Body(ref ReadOnlySpan<byte> diff, int start, int oldCount, int newCount)
    {
        List<byte[]> old = [];
        List<HunkLine> made = [];
        var (last, oldHasNoEnd, newHasNoEnd) = ((byte)0, false, false);
        while (old.Count < oldCount || made.Count < newCount || diff.StartsWith("\\"u8))
        {
            // The last line of all may be blank and trimmed away; nothing else may be missing.
            if (diff.IsEmpty && !(old.Count == oldCount - 1 && made.Count == newCount - 1)) return null;
            var line = NextLine(ref diff, out var hasReturn);
            // A blank line of context may have lost its space on the way.
            var sign = line.IsEmpty ? (byte)' ' : line[0];
            byte[] content = line.IsEmpty ? [] : line[1..].ToArray();
            switch (sign)
            {
                case (byte)'\\':
                    oldHasNoEnd |= last is (byte)'-' or (byte)' ';
                    newHasNoEnd |= last is (byte)'+' or (byte)' ';
                    break;
                case (byte)' ' or (byte)'-' or (byte)'+':
                    if (sign != '-') made.Add(new(content, old.Count, sign == ' ', hasReturn));
                    if (sign != '+') old.Add(content);
                    break;
                default:
                    return null;
            }
            if (old.Count > oldCount || made.Count > newCount) return null;
            last = sign;
        }
        return new(start, old, made, newHasNoEnd && !oldHasNoEnd, oldHasNoEnd && !newHasNoEnd);
    }

    // @@ -a,b +c,d @@ ; a count of one may be left out.
    private static bool TryReadHeader(ReadOnlySpan<byte> line, out int start, out int oldCount, out int newCount)
    {
        (start, oldCount, newCount) = (0, 0, 0);
        if (!line.StartsWith("@@ -"u8)) return false;
        line = line[4..];
        if (!TryReadRange(ref line, out start, out oldCount) || !line.StartsWith(" +"u8)) return false;
        line = line[2..];
        return TryReadRange(ref line, out _, out newCount) && line.StartsWith(" @@"u8) && oldCount + (long)newCount > 0;
    }

    private static bool TryReadRange(ref ReadOnlySpan<byte> line, out int start, out int count)
    {
        count = 1;
        if (!TryReadNumber(ref line, out start)) return false;
        if (!line.StartsWith(","u8)) return true;
        line = line[1..];
        return TryReadNumber(ref line, out count);
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> line, out int number)
    {
        if (!Utf8Parser.TryParse(line, out number, out var used) || number < 0 || line[0] is < (byte)'0' or > (byte)'9') return false;
        line = line[used..];
        return true;
    }
}
