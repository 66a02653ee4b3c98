namespace SalesforceSync.Simulator.Org;

/// <summary>How the events of transactions that commit at the same time come to lie on the bus.</summary>
internal static class Interleaving
{
    /// <summary>One event of each in turn, until all are used up.</summary>
    public static List<BusEntry> Alternate(IReadOnlyList<WrittenTransaction> transactions)
    {
        if (transactions.Count == 1) return transactions[0].Entries;
        var entries = new List<BusEntry>(transactions.Sum(t => t.Entries.Count));
        for (var turn = 0; transactions.Any(t => turn < t.Entries.Count); turn++)
        {
            entries.AddRange(transactions.Where(t => turn < t.Entries.Count).Select(t => t.Entries[turn]));
        }
        return entries;
    }

    /// <exception cref="ArgumentException">A record is changed by two of the drafts.</exception>
    public static void RefuseSharedRecords(IReadOnlyList<TransactionDraft> drafts)
    {
        if (drafts.Count < 2) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var draft in drafts)
        {
            var own = draft.Steps.SelectMany(IdsOf).ToHashSet(StringComparer.Ordinal);
            if (own.Any(id => !seen.Add(id))) throw new ArgumentException("two transactions at once cannot change one record: its row is locked", nameof(drafts));
        }
    }

    private static IEnumerable<string> IdsOf(TransactionStep step) => step switch
    {
        TransactionStep.Create create => [create.Id],
        TransactionStep.Update update => update.Ids,
        TransactionStep.Delete delete => delete.Ids,
        TransactionStep.Undelete undelete => [undelete.Id],
        TransactionStep.Purge purge => purge.Ids,
        TransactionStep.Gap gap => gap.Ids,
        _ => []
    };
}
