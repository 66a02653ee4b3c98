using System.Globalization;

namespace SalesforceSync.Simulator.Soql;

/// <summary>
/// SELECT fields | count() FROM object [WHERE ...] [ORDER BY ...] [LIMIT n]. What SOQL has beyond that is refused as malformed, save
/// what Bulk queries refuse by documentation, which is told apart in <see cref="Unsupported"/>.
/// </summary>
internal sealed class SoqlParser
{
    private static readonly string[] Comparisons = ["=", "!=", "<", "<=", ">", ">="];
    private static readonly string[] Aggregates = ["count", "count_distinct", "sum", "avg", "min", "max"];
    private readonly List<SoqlToken> _tokens;
    private int _at;

    private SoqlParser(string query) => _tokens = new SoqlLexer(query).Tokens();

    private SoqlToken Here => _tokens[_at];

    /// <exception cref="SoqlError">MALFORMED_QUERY, or the code of what is not supported.</exception>
    public static SoqlQuery Parse(string query)
    {
        var parser = new SoqlParser(query);
        return parser.Query();
    }

    /// <summary>What the words of a query ask for that Bulk queries do not offer, or null.</summary>
    public static string? Unsupported(string query)
    {
        var tokens = new SoqlLexer(query).Tokens();
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Is("group") && tokens[i + 1].Is("by")) return "Group By not supported in Bulk Query";
            if (tokens[i].Is("offset") && tokens[i + 1].Kind == SoqlTokenKind.Number) return "Offset not supported in Bulk Query";
            if (tokens[i].Is("typeof")) return "TYPEOF not supported in Bulk Query";
            if (tokens[i].Is("fields") && tokens[i + 1].Is("(")) return "The SOQL FIELDS function is not supported in Bulk Query";
            if (tokens[i].Is("(") && tokens[i + 1].Is("select")) return "Aggregate Relationships not supported in Bulk Query";
            if (tokens[i + 1].Is("(") && Aggregates.Any(tokens[i].Is)) return "Aggregate functions are not supported in Bulk Query";
        }
        return null;
    }

    private SoqlQuery Query()
    {
        Expect("select");
        var fields = Fields();
        Expect("from");
        var from = Name();
        var where = Accept("where") ? Or() : null;
        var orders = new List<SoqlOrder>();
        if (Accept("order"))
        {
            Expect("by");
            do orders.Add(Order());
            while (Accept(","));
        }
        int? limit = Accept("limit") ? Whole() : null;
        if (Here.Kind != SoqlTokenKind.End) throw Unexpected();
        return new SoqlQuery(fields, from, where, orders, limit);
    }

    private List<string> Fields()
    {
        var fields = new List<string>();
        if (Here.Is("count") && _tokens[_at + 1].Is("(") && _tokens[_at + 2].Is(")"))
        {
            _at += 3;
            return fields;
        }
        do fields.Add(Name());
        while (Accept(","));
        var twice = fields.GroupBy(field => field, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? fields : throw new SoqlError("INVALID_FIELD", $"duplicate field selected: {twice.Key}");
    }

    private SoqlOrder Order()
    {
        var field = Name();
        var descending = Accept("desc");
        if (!descending) Accept("asc");
        var nullsLast = false;
        if (Accept("nulls"))
        {
            nullsLast = Accept("last");
            if (!nullsLast) Expect("first");
        }
        return new SoqlOrder(field, descending, nullsLast);
    }

    // AND and OR on one level need parentheses in SOQL.
    private SoqlCondition Or()
    {
        var left = Not();
        if (Here.Is("and"))
        {
            while (Accept("and")) left = new SoqlCondition.And(left, Not());
            if (Here.Is("or")) throw Unexpected();
        }
        else if (Here.Is("or"))
        {
            while (Accept("or")) left = new SoqlCondition.Or(left, Not());
            if (Here.Is("and")) throw Unexpected();
        }
        return left;
    }

    private SoqlCondition Not()
    {
        if (Accept("not")) return new SoqlCondition.Not(Not());
        if (!Accept("(")) return Condition();
        var inner = Or();
        Expect(")");
        return inner;
    }

    private SoqlCondition Condition()
    {
        var field = Name();
        if (Accept("like")) return new SoqlCondition.Compare(field, "like", Literal());
        if (Accept("in")) return new SoqlCondition.In(field, false, List());
        if (Here.Is("not") && _tokens[_at + 1].Is("in"))
        {
            _at += 2;
            return new SoqlCondition.In(field, true, List());
        }
        var comparison = Array.Find(Comparisons, Here.Is) ?? throw Unexpected();
        _at++;
        return new SoqlCondition.Compare(field, comparison, Literal());
    }

    private List<SoqlLiteral> List()
    {
        var values = new List<SoqlLiteral>();
        Expect("(");
        do values.Add(Literal());
        while (Accept(","));
        Expect(")");
        return values;
    }

    private SoqlLiteral Literal()
    {
        var token = Here;
        _at++;
        return token.Kind switch
        {
            SoqlTokenKind.Text => new SoqlLiteral(token.Text),
            SoqlTokenKind.Number when decimal.TryParse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => new SoqlLiteral(number),
            SoqlTokenKind.Moment => new SoqlLiteral(Moment(token)),
            SoqlTokenKind.Word when token.Is("true") => new SoqlLiteral(true),
            SoqlTokenKind.Word when token.Is("false") => new SoqlLiteral(false),
            SoqlTokenKind.Word when token.Is("null") => new SoqlLiteral(null),
            _ => throw Unexpected(token)
        };
    }

    private static object Moment(SoqlToken token)
    {
        if (DateOnly.TryParseExact(token.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) return date;
        string[] forms =
        [
            "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFzzz"
        ];
        return DateTimeOffset.TryParseExact(token.Text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment
            : throw SoqlError.Malformed($"line 1:{token.At} no viable alternative at input '{token.Text}'");
    }

    private int Whole()
        => Here.Kind == SoqlTokenKind.Number && int.TryParse(Here.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && _at++ >= 0
            ? number
            : throw Unexpected();

    private string Name()
    {
        if (Here.Kind != SoqlTokenKind.Word || Here.Is("from") || Here.Is("where")) throw Unexpected();
        return _tokens[_at++].Text;
    }

    private bool Accept(string word)
    {
        if (!Here.Is(word)) return false;
        _at++;
        return true;
    }

    private void Expect(string word)
    {
        if (!Accept(word)) throw Unexpected();
    }

    private SoqlError Unexpected() => Unexpected(Here);

    private static SoqlError Unexpected(SoqlToken token) => SoqlError.Malformed($"unexpected token: '{token.Text}' at column {token.At}");
}
