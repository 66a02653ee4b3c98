namespace SalesforceSync.Simulator.Events;

/// <summary>The header of one change event, without the bitmaps, which follow from the change itself.</summary>
/// <param name="ChangeType">Index into <see cref="Events.ChangeType.Symbols"/>.</param>
/// <param name="CommitTimestamp">Epoch milliseconds, always a whole second.</param>
internal sealed record ChangeHeader(
    string EntityName,
    IReadOnlyList<string> RecordIds,
    int ChangeType,
    string ChangeOrigin,
    string TransactionKey,
    int SequenceNumber,
    long CommitTimestamp,
    long CommitNumber,
    string CommitUser);
