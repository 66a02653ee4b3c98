namespace SalesforceSync.Apply;

/// <summary>A text as lines, each with the line end it has; the last may have none.</summary>
internal sealed class TextLines
{
    private static readonly byte[] Bare = "\n"u8.ToArray();
    private static readonly byte[] Full = "\r\n"u8.ToArray();
    private static readonly byte[] None = [];

    private readonly List<(byte[] Content, byte[] End)> _lines = [];

    private byte[] UsualEnd => _lines.Count(line => line.End == Full) * 2 > _lines.Count(line => line.End != None) ? Full : Bare;

    /// <param name="keepLast">A text that ends with a line end has an empty line after it.</param>
    public static TextLines Of(ReadOnlySpan<byte> text, bool keepLast)
    {
        var lines = new TextLines();
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            if (end < 0)
            {
                lines._lines.Add((text.ToArray(), None));
                return lines;
            }
            var isFull = end > 0 && text[end - 1] == '\r';
            lines._lines.Add((text[..(isFull ? end - 1 : end)].ToArray(), isFull ? Full : Bare));
            text = text[(end + 1)..];
        }
        if (keepLast) lines._lines.Add(([], None));
        return lines;
    }

    /// <summary>The text with every line end replaced.</summary>
    public static byte[] WithEnds(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end)
    {
        using var made = new MemoryStream(text.Length + 16);
        while (!text.IsEmpty)
        {
            var at = text.IndexOf((byte)'\n');
            var line = at < 0 ? text : text[..at];
            made.Write(at > 0 && line.EndsWith("\r"u8) ? line[..^1] : line);
            if (at >= 0) made.Write(end);
            text = at < 0 ? [] : text[(at + 1)..];
        }
        return made.ToArray();
    }

    /// <summary>The new text, or null when a part does not find the lines it expects.</summary>
    public byte[]? Patch(IReadOnlyList<Hunk> hunks, HunkReading reading)
    {
        var made = new List<(byte[] Content, byte[] End)>();
        var usual = UsualEnd;
        var hadEnd = _lines.Count == 0 || _lines[^1].End != None;
        var (next, cuts, adds) = (0, false, false);
        foreach (var hunk in hunks)
        {
            var at = hunk.Old.Count > 0 || reading.InsertsBefore ? Math.Max(hunk.Start - 1, 0) : hunk.Start;
            if (at < next || at > _lines.Count - hunk.Old.Count || !Stands(hunk, at)) return null;
            made.AddRange(_lines[next..at]);
            foreach (var line in hunk.New)
                made.Add((line.Content, End(line, at, usual, reading.ToldEnds)));
            next = at + hunk.Old.Count;
            (cuts, adds) = (hunk.CutsEnd, hunk.AddsEnd);
        }
        made.AddRange(_lines[next..]);
        return Join(made, usual, adds || (hadEnd && !cuts));
    }

    private static byte[] Join(List<(byte[] Content, byte[] End)> lines, byte[] usual, bool endsWithEnd)
    {
        using var text = new MemoryStream();
        for (var i = 0; i < lines.Count; i++)
        {
            text.Write(lines[i].Content);
            if (i < lines.Count - 1 || endsWithEnd) text.Write(lines[i].End == None ? usual : lines[i].End);
        }
        return text.ToArray();
    }

    private byte[] End(HunkLine line, int at, byte[] usual, bool told)
    {
        if (line.IsKept && _lines[at + line.At].End != None) return _lines[at + line.At].End;
        if (told) return line.HasReturn ? Full : Bare;
        return at + line.At > 0 && _lines[at + line.At - 1].End != None ? _lines[at + line.At - 1].End : usual;
    }

    private bool Stands(Hunk hunk, int at)
    {
        for (var i = 0; i < hunk.Old.Count; i++)
        {
            if (!_lines[at + i].Content.AsSpan().SequenceEqual(hunk.Old[i])) return false;
        }
        return true;
    }
}
