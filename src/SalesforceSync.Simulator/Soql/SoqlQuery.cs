namespace SalesforceSync.Simulator.Soql;

/// <summary>A query as written, names not looked up yet.</summary>
/// <param name="Fields">In the order asked; empty for <c>count()</c>.</param>
/// <param name="From">The object.</param>
/// <param name="Where">Null: all.</param>
/// <param name="Limit">Null: none.</param>
internal sealed record SoqlQuery(IReadOnlyList<string> Fields, string From, SoqlCondition? Where, IReadOnlyList<SoqlOrder> Orders, int? Limit)
{
    public bool IsCount => Fields.Count == 0;
}

internal sealed record SoqlOrder(string Field, bool Descending, bool NullsLast);

internal abstract record SoqlCondition
{
    public sealed record And(SoqlCondition Left, SoqlCondition Right) : SoqlCondition;

    public sealed record Or(SoqlCondition Left, SoqlCondition Right) : SoqlCondition;

    public sealed record Not(SoqlCondition Inner) : SoqlCondition;

    /// <param name="Operator">One of = != &lt; &lt;= &gt; &gt;= and <c>like</c>.</param>
    public sealed record Compare(string Field, string Operator, SoqlLiteral Value) : SoqlCondition;

    public sealed record In(string Field, bool Negated, IReadOnlyList<SoqlLiteral> Values) : SoqlCondition;
}

/// <param name="Value">string, bool, decimal or double, <see cref="DateTimeOffset"/>, <see cref="DateOnly"/> or null.</param>
internal readonly record struct SoqlLiteral(object? Value);
