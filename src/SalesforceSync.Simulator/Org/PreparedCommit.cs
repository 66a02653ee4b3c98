namespace SalesforceSync.Simulator.Org;

/// <summary>Transactions that have happened in the org and whose events are still to go onto the bus.</summary>
internal sealed class PreparedCommit(IReadOnlyList<WrittenTransaction> transactions)
{
    public List<BusEntry> Entries { get; } = Interleaving.Alternate(transactions);

    public IReadOnlyList<CommittedTransaction> Committed()
        => [.. transactions.Select(t => new CommittedTransaction(t.Key, t.Events, t.Changes, t.Records, t.Entries.Count == 0 ? 0 : t.Entries[^1].Position))];
}

/// <summary>The events of one transaction, encoded.</summary>
internal sealed record WrittenTransaction(string Key, List<BusEntry> Entries, int Events, int Changes, int Records);
