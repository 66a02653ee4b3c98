using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>One step of a transaction: an event, or something about the events that follow.</summary>
internal abstract record TransactionStep
{
    public sealed record Create(SimulatedObject Object, string Id, IReadOnlyDictionary<string, object?> Values) : TransactionStep;

    public sealed record Update(SimulatedObject Object, IReadOnlyList<string> Ids, IReadOnlyDictionary<string, object?> Values) : TransactionStep
    {
        /// <summary>Whether the change moves LastModifiedDate; background changes such as geocoding do not.</summary>
        public bool Stamped { get; init; } = true;

        /// <summary>Whether a compound changed in all parts is named by its own bit.</summary>
        public bool WholeCompounds { get; init; }

        /// <summary>Whether long texts go as differences where Salesforce would send one.</summary>
        public bool Diffs { get; init; }
    }

    /// <param name="MasterId">For the losers of a merge: the record they were merged into.</param>
    public sealed record Delete(SimulatedObject Object, IReadOnlyList<string> Ids, string? MasterId = null) : TransactionStep;

    public sealed record Undelete(SimulatedObject Object, string Id) : TransactionStep;

    /// <summary>Hard deleted, or emptied out of the recycle bin: no event.</summary>
    public sealed record Purge(SimulatedObject Object, IReadOnlyList<string> Ids) : TransactionStep;

    /// <summary>Changes of which only the header is published.</summary>
    /// <param name="ChangeType">One of the four GAP types.</param>
    /// <param name="Values">What the change did to each record, unseen by subscribers.</param>
    /// <param name="ForeignKey">True for gaps made below the application, which carry a transaction key of their own.</param>
    public sealed record Gap(
        SimulatedObject Object, int ChangeType, IReadOnlyList<string> Ids, IReadOnlyDictionary<string, object?> Values, bool ForeignKey) : TransactionStep;

    /// <summary>Too many changes: one event for the whole object, with the dummy record id.</summary>
    public sealed record Overflow(SimulatedObject Object) : TransactionStep;

    /// <summary>From so many events of this transaction on nothing is published but one overflow event for each object changed.</summary>
    public sealed record OverflowAfter(int Events) : TransactionStep;

    /// <summary>An UPDATE of every record at once, with a wildcard for an id and no field: something became empty for all of them.</summary>
    public sealed record Wildcard(SimulatedObject Object) : TransactionStep;

    /// <summary>Numbers used up by changes of objects that are not selected for change data capture.</summary>
    public sealed record SkipSequence(int Count) : TransactionStep;

    /// <summary>What follows carries times moved by so much: a second later, or minutes earlier as in a long transaction.</summary>
    public sealed record Shift(TimeSpan By) : TransactionStep;

    /// <summary>What follows happens, but its events are never delivered; or are again.</summary>
    public sealed record Silence(bool On) : TransactionStep;

    /// <summary>What follows moves no SystemModstamp; or does again.</summary>
    public sealed record Unstamped(bool On) : TransactionStep;
}
