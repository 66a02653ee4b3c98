namespace SalesforceSync.Simulator.Org;

/// <summary>Transactions that have happened in the org and whose events are still to go onto the bus.</summary>
internal sealed class PreparedCommit(IReadOnlyList<WrittenTransaction> transactions)
{
    public List<BusEntry> Entries { get; } = Interleaving.Alternate(transactions);

    /// <summary>How much later than the records change the events can be seen.</summary>
    public TimeSpan Lag { get; init; }

    public IReadOnlyList<WrittenTransaction> Transactions => transactions;
}

/// <summary>The events of one transaction, encoded.</summary>
internal sealed record WrittenTransaction(string Key, List<BusEntry> Entries, int Events, int Changes, int Records)
{
    /// <summary>What came of it so far: its last position is known when its events are on the bus.</summary>
    public CommittedTransaction Committed() => new(Key, Events, Changes, Records, Entries.Count == 0 ? 0 : Entries[^1].Position);
}
