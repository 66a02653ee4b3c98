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
    }

    public sealed record Delete(SimulatedObject Object, IReadOnlyList<string> Ids) : TransactionStep;

    public sealed record Undelete(SimulatedObject Object, string Id) : TransactionStep;

    /// <summary>A change of which only the header is published.</summary>
    /// <param name="ChangeType">One of the four GAP types.</param>
    /// <param name="Values">What the change did to the record, unseen by subscribers.</param>
    /// <param name="ForeignKey">True for gaps made below the application, which carry a transaction key of their own.</param>
    public sealed record Gap(SimulatedObject Object, int ChangeType, string Id, IReadOnlyDictionary<string, object?> Values, bool ForeignKey) : TransactionStep;

    /// <summary>Too many changes: one event for the whole object, with the dummy record id.</summary>
    public sealed record Overflow(SimulatedObject Object) : TransactionStep;

    /// <summary>Numbers used up by changes of objects that are not selected for change data capture.</summary>
    public sealed record SkipSequence(int Count) : TransactionStep;

    /// <summary>The events that follow carry a commit timestamp one second later.</summary>
    public sealed record NextSecond : TransactionStep;
}
