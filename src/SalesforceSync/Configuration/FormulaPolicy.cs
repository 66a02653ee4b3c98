namespace SalesforceSync.Configuration;

/// <summary>What becomes of calculated fields, which change without an event.</summary>
internal enum FormulaPolicy
{
    /// <summary>They get no column of their own from readings.</summary>
    Omit,

    /// <summary>They are read anew with every scheduled sweep; in between they are as old as the object's <c>formulas_at</c> says.</summary>
    Refresh,
}
