namespace SalesforceSync.Decode;

/// <summary>One field an event writes. A diff is not a value: it says how to patch a long text and must never be stored as the text.</summary>
internal readonly record struct FieldWrite(LeafField Field, FieldValue Value, bool IsDiff = false);

/// <summary>
/// A decoded change event. <see cref="Writes"/> holds exactly what the event changes, in schema order: for UPDATE the fields of changedFields and
/// nulledFields; for CREATE and UNDELETE the fields that have a value (all others of the schema are null, see <see cref="IsFullRecord"/>);
/// for DELETE and GAP_* nothing. Leaves without a column (null ApiName) are never among them. Immutable; safe to share.
/// </summary>
internal sealed record ChangeEvent(ChangeEventHeader Header, EventSchema Schema, IReadOnlyList<FieldWrite> Writes)
{
    /// <summary>True when every leaf of the schema that is not written is null in Salesforce: CREATE and UNDELETE.</summary>
    public bool IsFullRecord => Header.Kind is ChangeKind.Create or ChangeKind.Undelete;

    /// <summary>
    /// Leaves whose text held what Postgres cannot (U+0000, halves of surrogate pairs), written with U+FFFD in its place; normally empty. To be recorded
    /// per row.
    /// </summary>
    public IReadOnlyList<LeafField> Substituted { get; init; } = [];
}
