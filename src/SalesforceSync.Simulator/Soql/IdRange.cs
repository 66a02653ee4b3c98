using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Soql;

/// <summary>Between which ids the records of a query lie.</summary>
/// <param name="After">Exclusive, or null.</param>
/// <param name="UpTo">Inclusive, or null.</param>
/// <param name="IsWhole">The range says all there is to say: no other condition.</param>
internal readonly record struct IdRange(string? After, string? UpTo, bool IsWhole)
{
    /// <summary>Reads comparisons of Id that stand alone or joined by AND; anything else makes the range incomplete.</summary>
    public static IdRange Of(SoqlCondition? condition) => condition switch
    {
        null => new IdRange(null, null, true),
        SoqlCondition.And and => Of(and.Left).And(Of(and.Right)),
        SoqlCondition.Compare { Value.Value: string { Length: 15 or 18 } id } compare when compare.Field.Equals("Id", StringComparison.OrdinalIgnoreCase)
            => Of(compare.Operator, SalesforceId.Widen(id)),
        _ => new IdRange(null, null, false)
    };

    public bool Holds(string id) => (After is null || string.CompareOrdinal(id, After) > 0) && (UpTo is null || string.CompareOrdinal(id, UpTo) <= 0);

    // Bounds that include or exclude what the range cannot say are kept too wide, and the condition decides.
    private static IdRange Of(string comparison, string id) => comparison switch
    {
        ">" => new IdRange(id, null, true),
        "<=" => new IdRange(null, id, true),
        "<" => new IdRange(null, id, false),
        _ => new IdRange(null, null, false)
    };

    private IdRange And(IdRange other) => new(Greater(After, other.After), Smaller(UpTo, other.UpTo), IsWhole && other.IsWhole);

    private static string? Greater(string? a, string? b) => a is null ? b : b is null ? a : string.CompareOrdinal(a, b) > 0 ? a : b;

    private static string? Smaller(string? a, string? b) => a is null ? b : b is null ? a : string.CompareOrdinal(a, b) < 0 ? a : b;
}
