namespace SalesforceSync.Tests.House;

/// <summary>An interpolated string of a C# source: what stands in it, with its holes cut out, and the expressions of the holes.</summary>
/// <param name="Within">The string in one of whose holes it stands; null: it stands by itself.</param>
internal sealed record InterpolatedText(string Text, IReadOnlyList<string> Holes, InterpolatedText? Within)
{
    /// <summary>All of a source, those in holes of others too. Verbatim strings (@) are not used in this house.</summary>
    public static IReadOnlyList<InterpolatedText> Of(string code)
    {
        var found = new List<InterpolatedText>();
        Read(code, null, found);
        return found;
    }

    private static void Read(string code, InterpolatedText? within, List<InterpolatedText> found)
    {
        for (var at = 0; at < code.Length;)
        {
            if (code[at] == '\'') at = code.IndexOf('\'', Math.Min(code.Length - 1, at + (at + 1 < code.Length && code[at + 1] == '\\' ? 3 : 2))) is var end and >= 0 && end - at < 12 ? end + 1 : at + 1;
            else if (within is null && code.AsSpan(at).StartsWith("//")) at = code.IndexOf('\n', at) is var line and >= 0 ? line : code.Length;
            else if (code[at] is '$' or '"') at = Literal(code, at, within, found);
            else at++;
        }
    }

    /// <summary>Reads one literal and returns where it ends.</summary>
    private static int Literal(string code, int at, InterpolatedText? within, List<InterpolatedText> found)
    {
        var dollars = Run(code, at, '$');
        var start = at + dollars;
        var quotes = Run(code, start, '"');
        if (quotes == 0) return start;
        if (quotes == 2) return start + 2;
        var (text, holes) = (new System.Text.StringBuilder(), new List<string>());
        var i = start + quotes;
        while (i < code.Length && !(code[i] == '"' && Run(code, i, '"') >= quotes))
        {
            var braces = dollars == 0 ? 0 : Run(code, i, '{');
            if (quotes == 1 && code[i] == '\\') i += 2;
            else if (braces == 0) text.Append(code[i++]);
            else if (braces < dollars) i += braces;
            else if (dollars == 1 && braces % 2 == 0) i += braces;
            else
            {
                var hole = i + braces;
                var end = HoleEnd(code, hole);
                holes.Add(code[hole..end].Trim());
                text.Append("{}");
                i = end + dollars;
            }
        }
        if (dollars > 0)
        {
            var literal = new InterpolatedText(text.ToString().Trim(), holes, within);
            found.Add(literal);
            foreach (var hole in holes) Read(hole, literal, found);
        }
        return i + quotes;
    }

    private static int HoleEnd(string code, int at)
    {
        for (var depth = 0; at < code.Length;)
        {
            if (code[at] == '}' && depth == 0) break;
            if (code[at] is '$' or '"')
            {
                at = Literal(code, at, null, []);
                continue;
            }
            depth += code[at] switch { '{' => 1, '}' => -1, _ => 0 };
            at++;
        }
        return at;
    }

    private static int Run(string code, int at, char sign)
    {
        var end = at;
        while (end < code.Length && code[end] == sign) end++;
        return end - at;
    }
}
