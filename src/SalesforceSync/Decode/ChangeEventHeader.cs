namespace SalesforceSync.Decode;

/// <summary>The header every change event carries first. Times are epoch milliseconds; <see cref="CommitNumber"/> is information, never an order.</summary>
internal sealed record ChangeEventHeader(
    string EntityName,
    IReadOnlyList<string> RecordIds,
    ChangeKind Kind,
    string ChangeType,
    string ChangeOrigin,
    string TransactionKey,
    int SequenceNumber,
    long CommitTimestamp,
    long CommitNumber,
    string CommitUser,
    IReadOnlyList<string> NulledFields,
    IReadOnlyList<string> DiffFields,
    IReadOnlyList<string> ChangedFields)
{
    /// <summary>True for GAP_* and GAP_OVERFLOW: the change happened, its content was not sent.</summary>
    public bool IsGap => Kind is ChangeKind.GapCreate or ChangeKind.GapUpdate or ChangeKind.GapDelete or ChangeKind.GapUndelete or ChangeKind.GapOverflow;
}
