namespace SalesforceSync.Configuration;

/// <summary>What stands in the place of a field's values, which are kept nowhere.</summary>
internal enum FieldMask
{
    /// <summary>Nothing: the field has no column.</summary>
    Drop,

    /// <summary>A keyed hash: equal values have equal ones.</summary>
    Hash,

    /// <summary>A word that says that there is a value.</summary>
    Redact,
}
