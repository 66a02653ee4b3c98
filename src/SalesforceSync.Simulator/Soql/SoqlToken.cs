namespace SalesforceSync.Simulator.Soql;

internal enum SoqlTokenKind
{
    Word,
    Text,
    Number,
    Moment,
    Symbol,
    End
}

/// <param name="Text">The word or symbol as written; a text without quotes and escapes.</param>
/// <param name="At">Where it begins in the query, counted from 1.</param>
internal readonly record struct SoqlToken(SoqlTokenKind Kind, string Text, int At)
{
    public bool Is(string word) => Kind is SoqlTokenKind.Word or SoqlTokenKind.Symbol && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
