using System.Text;
using System.Text.RegularExpressions;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Soql;

/// <summary>Turns conditions and orders into code over rows. Texts compare without case as in SOQL, ids with it.</summary>
/// <param name="entity">For messages.</param>
/// <param name="find">The column of a name, without regard to case, or null.</param>
internal sealed class SoqlFilter<TRow>(string entity, Func<string, QueryColumn<TRow>?> find)
{
    /// <exception cref="SoqlError">A column that is not there, or a value of another type.</exception>
    public Func<TRow, bool> Of(SoqlCondition? condition) => condition switch
    {
        null => _ => true,
        SoqlCondition.And and => Both(Of(and.Left), Of(and.Right)),
        SoqlCondition.Or or => Either(Of(or.Left), Of(or.Right)),
        SoqlCondition.Not not => Neither(Of(not.Inner)),
        SoqlCondition.In { Values: var values } within => Within(Column(within.Field), within.Negated, values),
        SoqlCondition.Compare compare => Compare(Column(compare.Field), compare.Operator, compare.Value.Value),
        _ => throw new InvalidOperationException($"no way to ask for {condition.GetType().Name}")
    };

    /// <exception cref="SoqlError">A column that is not there.</exception>
    public Comparison<TRow> Of(IReadOnlyList<SoqlOrder> orders)
    {
        var columns = orders.Select(order => (Column(order.Field).Read, order)).ToArray();
        return (left, right) =>
        {
            foreach (var (read, order) in columns)
            {
                var (a, b) = (read(left), read(right));
                var sign = a is null || b is null
                    ? (a is null ? 0 : 1) - (b is null ? 0 : 1)
                    : SoqlOrdering.Compare(a, b);
                if (sign == 0) continue;
                if (a is null || b is null) return order.NullsLast ? -sign : sign;
                return order.Descending ? -sign : sign;
            }
            return 0;
        };
    }

    private QueryColumn<TRow> Column(string name) => find(name) ?? throw SoqlError.NoColumn(name, entity);

    private static Func<TRow, bool> Both(Func<TRow, bool> left, Func<TRow, bool> right) => row => left(row) && right(row);

    private static Func<TRow, bool> Either(Func<TRow, bool> left, Func<TRow, bool> right) => row => left(row) || right(row);

    private static Func<TRow, bool> Neither(Func<TRow, bool> inner) => row => !inner(row);

    private static Func<TRow, bool> Within(QueryColumn<TRow> column, bool negated, IReadOnlyList<SoqlLiteral> literals)
    {
        var values = literals.Select(literal => Fitting(column, literal.Value)).ToHashSet(SoqlOrdering.Equality(column.Type));
        var read = column.Read;
        return row => values.Contains(SoqlOrdering.Plain(read(row))) != negated;
    }

    private static Func<TRow, bool> Compare(QueryColumn<TRow> column, string comparison, object? value)
    {
        var read = column.Read;
        if (comparison == "like") return Like(column, value);
        var wanted = Fitting(column, value);
        if (wanted is null && comparison is not ("=" or "!=")) throw SoqlError.Malformed($"null is no value for operator {comparison}");
        var same = SoqlOrdering.Equality(column.Type);
        return comparison switch
        {
            "=" => row => same.Equals(SoqlOrdering.Plain(read(row)), wanted),
            "!=" => row => !same.Equals(SoqlOrdering.Plain(read(row)), wanted),
            "<" => row => read(row) is { } found && SoqlOrdering.Compare(found, wanted!) < 0,
            "<=" => row => read(row) is { } found && SoqlOrdering.Compare(found, wanted!) <= 0,
            ">" => row => read(row) is { } found && SoqlOrdering.Compare(found, wanted!) > 0,
            _ => row => read(row) is { } found && SoqlOrdering.Compare(found, wanted!) >= 0
        };
    }

    private static Func<TRow, bool> Like(QueryColumn<TRow> column, object? value)
    {
        if (value is not string mask || column.Type is "id" or "reference" or "boolean" or "datetime" or "date" or "time" or "int" or "double")
            throw new SoqlError("INVALID_QUERY_FILTER_OPERATOR", $"invalid operator on {column.Type} field");
        var pattern = new StringBuilder("^");
        for (var i = 0; i < mask.Length; i++)
        {
            if (mask[i] == '\\' && i + 1 < mask.Length && mask[i + 1] is '_' or '%') pattern.Append(Regex.Escape(mask[++i].ToString()));
            else pattern.Append(mask[i] switch { '%' => ".*", '_' => ".", var c => Regex.Escape(c.ToString()) });
        }
        var regex = new Regex(pattern.Append('$').ToString(), RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant);
        var read = column.Read;
        return row => read(row) is string text && regex.IsMatch(text);
    }

    /// <returns>The value as the column's rows have it.</returns>
    private static object? Fitting(QueryColumn<TRow> column, object? value)
    {
        if (value is null) return null;
        switch (column.Type)
        {
            case "id" or "reference":
                if (value is string { Length: 15 or 18 } id && id.All(char.IsAsciiLetterOrDigit)) return SalesforceId.Widen(id);
                throw new SoqlError("INVALID_QUERY_FILTER_OPERATOR", $"invalid ID field: {value}");
            case "boolean":
                return value is bool ? value : throw Mismatch("boolean");
            case "datetime":
                return value is DateTimeOffset ? value : throw Mismatch("dateTime");
            case "date":
                return value is DateOnly ? value : throw Mismatch("date");
            case "int" or "double" or "currency" or "percent":
                return value is decimal ? value : throw Mismatch(column.Type);
            case "address" or "location":
                throw new SoqlError("INVALID_FIELD", $"field '{column.Name}' can not be filtered in a query call");
            default:
                return value is string ? value : throw new SoqlError(
                    "INVALID_FIELD", $"value of filter criterion for field '{column.Name}' must be of type string and should be enclosed in quotes");
        }

        SoqlError Mismatch(string type) => new(
            "INVALID_FIELD", $"value of filter criterion for field '{column.Name}' must be of type {type} and should not be enclosed in quotes");
    }
}
