using SalesforceSync.Simulator.Events;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// A transaction being written down. Nothing happens before <see cref="SimulatedOrg.Commit(TransactionDraft)"/>. Values go by REST names and are string, bool, int,
/// double, decimal (what a double cannot carry), <see cref="DateTimeOffset"/>, <see cref="DateOnly"/>, <see cref="TimeOnly"/> or null. Not for several threads.
/// </summary>
internal sealed class TransactionDraft
{
    private static readonly Dictionary<string, object?> NoValues = [];
    private readonly SimulatedOrg _org;
    private readonly List<TransactionStep> _steps = [];

    internal TransactionDraft(SimulatedOrg org) => _org = org;

    public IReadOnlyList<TransactionStep> Steps => _steps;

    /// <summary>How much later than the records change the events come onto the bus; those of later commits wait behind them.</summary>
    public TimeSpan Lag { get; set; }

    /// <summary>Its gap events with a key of their own come onto the bus behind the next transaction's.</summary>
    public bool GapsStray { get; set; }

    /// <summary>Its gap events with a key of their own come onto the bus before its other events, though they tell of later changes.</summary>
    public bool GapsHurry { get; set; }

    /// <returns>The id the record will have.</returns>
    public string Create(string objectName, IReadOnlyDictionary<string, object?> values)
    {
        var target = _org[objectName];
        var id = _org.NextId(target);
        _steps.Add(new TransactionStep.Create(target, id, values));
        return id;
    }

    public TransactionDraft Update(string objectName, string id, IReadOnlyDictionary<string, object?> values) => Update(objectName, [id], values);

    /// <summary>The same change of one or many records: one event.</summary>
    public TransactionDraft Update(
        string objectName, IReadOnlyList<string> ids, IReadOnlyDictionary<string, object?> values, bool stamped = true, bool wholeCompounds = false, bool diffs = false)
        => Add(new TransactionStep.Update(_org[objectName], ids, values) { Stamped = stamped, WholeCompounds = wholeCompounds, Diffs = diffs });

    public TransactionDraft Delete(string objectName, params IReadOnlyList<string> ids) => Add(new TransactionStep.Delete(_org[objectName], ids));

    public TransactionDraft Undelete(string objectName, string id) => Add(new TransactionStep.Undelete(_org[objectName], id));

    /// <summary>Hard deletes live records, or empties deleted ones out of the recycle bin: no event tells of it.</summary>
    public TransactionDraft Purge(string objectName, params IReadOnlyList<string> ids) => Add(new TransactionStep.Purge(_org[objectName], ids));

    /// <summary>Merges records into one: the losers are deleted and point to the winner, the winner changes, and what referred to a loser refers to the winner.</summary>
    /// <param name="values">What the winner takes over; may be empty.</param>
    /// <param name="tellChildren">Whether the children's new parent is published; it is not known whether Salesforce always does.</param>
    public TransactionDraft Merge(
        string objectName, string winner, IReadOnlyList<string> losers, IReadOnlyDictionary<string, object?> values, bool tellChildren = true)
    {
        Add(new TransactionStep.Delete(_org[objectName], losers, winner));
        Update(objectName, winner, values);
        if (!tellChildren) Unpublished();
        foreach (var (child, field, ids) in _org.Children(losers)) Update(child, ids, new Dictionary<string, object?> { [field] = winner });
        return tellChildren ? this : Published();
    }

    public TransactionDraft GapUpdate(string objectName, string id, IReadOnlyDictionary<string, object?> values, bool foreignKey)
        => GapUpdate(objectName, [id], values, foreignKey);

    public TransactionDraft GapUpdate(string objectName, IReadOnlyList<string> ids, IReadOnlyDictionary<string, object?> values, bool foreignKey)
        => Add(new TransactionStep.Gap(_org[objectName], ChangeType.GapUpdate, ids, values, foreignKey));

    public TransactionDraft GapDelete(string objectName, string id, bool foreignKey) => GapDelete(objectName, [id], foreignKey);

    public TransactionDraft GapDelete(string objectName, IReadOnlyList<string> ids, bool foreignKey)
        => Add(new TransactionStep.Gap(_org[objectName], ChangeType.GapDelete, ids, NoValues, foreignKey));

    public TransactionDraft GapUndelete(string objectName, string id, bool foreignKey) => GapUndelete(objectName, [id], foreignKey);

    public TransactionDraft GapUndelete(string objectName, IReadOnlyList<string> ids, bool foreignKey)
        => Add(new TransactionStep.Gap(_org[objectName], ChangeType.GapUndelete, ids, NoValues, foreignKey));

    /// <returns>The id of the record of which only a gap event tells.</returns>
    public string GapCreate(string objectName, IReadOnlyDictionary<string, object?> values, bool foreignKey) => GapCreate(objectName, 1, values, foreignKey)[0];

    /// <returns>The ids of the records, all alike, of which only one gap event tells.</returns>
    public IReadOnlyList<string> GapCreate(string objectName, int count, IReadOnlyDictionary<string, object?> values, bool foreignKey)
    {
        var target = _org[objectName];
        string[] ids = [.. Enumerable.Range(0, count).Select(_ => _org.NextId(target))];
        _steps.Add(new TransactionStep.Gap(target, ChangeType.GapCreate, ids, values, foreignKey));
        return ids;
    }

    /// <summary>An overflow event that stands for nothing in particular.</summary>
    public TransactionDraft Overflow(string objectName) => Add(new TransactionStep.Overflow(_org[objectName]));

    /// <summary>After so many events of this transaction its changes happen without any, and at its end one overflow event stands for those of each object.</summary>
    public TransactionDraft OverflowAfter(int events) => Add(new TransactionStep.OverflowAfter(events));

    /// <summary>An event for all records of the object that names no field.</summary>
    public TransactionDraft Wildcard(string objectName) => Add(new TransactionStep.Wildcard(_org[objectName]));

    public TransactionDraft SkipSequence(int count) => Add(new TransactionStep.SkipSequence(count));

    public TransactionDraft NextSecond() => Add(new TransactionStep.Shift(TimeSpan.FromSeconds(1)));

    /// <summary>The transaction began earlier and commits only now: what follows carries times as much older.</summary>
    public TransactionDraft BegunEarlier(TimeSpan by) => Add(new TransactionStep.Shift(-by));

    /// <summary>What follows happens, but its events are never delivered.</summary>
    public TransactionDraft Unpublished() => Add(new TransactionStep.Silence(true));

    public TransactionDraft Published() => Add(new TransactionStep.Silence(false));

    /// <summary>What follows moves no SystemModstamp.</summary>
    public TransactionDraft Unstamped() => Add(new TransactionStep.Unstamped(true));

    public TransactionDraft Stamped() => Add(new TransactionStep.Unstamped(false));

    private TransactionDraft Add(TransactionStep step)
    {
        _steps.Add(step);
        return this;
    }
}
