using System.Text;

namespace SalesforceSync.Simulator.Soql;

/// <summary>Cuts a query into words, texts, numbers, dates and symbols.</summary>
internal sealed class SoqlLexer(string query)
{
    private int _at;

    /// <exception cref="SoqlError">A character that no query holds, or a text without end.</exception>
    public List<SoqlToken> Tokens()
    {
        var tokens = new List<SoqlToken>();
        do
        {
            tokens.Add(Next());
        }
        while (tokens[^1].Kind != SoqlTokenKind.End);
        return tokens;
    }

    private SoqlToken Next()
    {
        while (_at < query.Length && char.IsWhiteSpace(query[_at])) _at++;
        var start = _at;
        if (_at == query.Length) return new SoqlToken(SoqlTokenKind.End, "<EOF>", start + 1);
        var c = query[_at];
        if (c == '\'') return new SoqlToken(SoqlTokenKind.Text, Text(), start + 1);
        if (char.IsAsciiLetter(c) || c == '_') return Taken(SoqlTokenKind.Word, start, x => char.IsAsciiLetterOrDigit(x) || x is '_' or '.');
        if (char.IsAsciiDigit(c) || (c is '-' or '+' or '.' && _at + 1 < query.Length && char.IsAsciiDigit(query[_at + 1]))) return NumberOrMoment(start);
        return Symbol(start);
    }

    private SoqlToken NumberOrMoment(int start)
    {
        // A date begins with four digits and a hyphen; a number never has a hyphen inside, unless behind its exponent's mark.
        var isMoment = start + 4 < query.Length && query[start + 4] == '-' && query.AsSpan(start, 4).ContainsAnyExceptInRange('0', '9') is false;
        _at++;
        return isMoment
            ? Taken(SoqlTokenKind.Moment, start, x => char.IsAsciiDigit(x) || x is '-' or ':' or '.' or '+' or 'T' or 'Z' or 't' or 'z')
            : Taken(SoqlTokenKind.Number, start, x => char.IsAsciiDigit(x) || x is '.' or 'e' or 'E' || (x is '+' or '-' && query[_at - 1] is 'e' or 'E'));
    }

    private SoqlToken Taken(SoqlTokenKind kind, int start, Func<char, bool> belongs)
    {
        while (_at < query.Length && belongs(query[_at])) _at++;
        return new SoqlToken(kind, query[start.._at], start + 1);
    }

    private SoqlToken Symbol(int start)
    {
        foreach (var symbol in (ReadOnlySpan<string>)["!=", "<=", ">=", "<>", "=", "<", ">", "(", ")", ","])
        {
            if (string.CompareOrdinal(query, start, symbol, 0, symbol.Length) != 0) continue;
            _at += symbol.Length;
            return new SoqlToken(SoqlTokenKind.Symbol, symbol == "<>" ? "!=" : symbol, start + 1);
        }
        throw SoqlError.Malformed($"line 1:{start} no viable alternative at character '{query[start]}'");
    }

    private string Text()
    {
        var text = new StringBuilder();
        for (_at++; _at < query.Length; _at++)
        {
            var c = query[_at];
            if (c == '\'')
            {
                _at++;
                return text.ToString();
            }
            if (c != '\\') text.Append(c);
            else text.Append(Escaped());
        }
        throw SoqlError.Malformed($"line 1:{query.Length} mismatched character '<EOF>' expecting '''");
    }

    private string Escaped()
    {
        if (++_at == query.Length) throw SoqlError.Malformed($"line 1:{query.Length} mismatched character '<EOF>' expecting '''");
        switch (query[_at])
        {
            case 'n' or 'N': return "\n";
            case 'r' or 'R': return "\r";
            case 't' or 'T': return "\t";
            case 'b' or 'B': return "\b";
            case 'f' or 'F': return "\f";
            case '"': return "\"";
            case '\'': return "'";
            case '\\': return "\\";
            // Only LIKE tells an escaped wildcard from a wildcard.
            case '_': return "\\_";
            case '%': return "\\%";
            case 'u' when _at + 4 < query.Length && ushort.TryParse(
                query.AsSpan(_at + 1, 4), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var unit):
                _at += 4;
                return ((char)unit).ToString();
            default: throw SoqlError.Malformed($"Invalid string literal. Illegal character sequence '\\{query[_at]}' in string literal");
        }
    }
}
