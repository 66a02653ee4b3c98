namespace SalesforceSync.Decode;

/// <summary>What a change event says happened, by the symbol of its schema's enum; symbols we do not know become <see cref="Unknown"/>.</summary>
internal enum ChangeKind
{
    Unknown,
    Create,
    Update,
    Delete,
    Undelete,
    GapCreate,
    GapUpdate,
    GapDelete,
    GapUndelete,
    GapOverflow,
    Snapshot,
}
