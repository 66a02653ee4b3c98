using SalesforceSync.Simulator.Events;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// A transaction being written down. Nothing happens before <see cref="SimulatedOrg.Commit(TransactionDraft)"/>. Values go by REST names and are string, bool, int,
/// double, <see cref="DateTimeOffset"/>, <see cref="DateOnly"/>, <see cref="TimeOnly"/> or null. Not for several threads.
/// </summary>
internal sealed class TransactionDraft
{
    private static readonly Dictionary<string, object?> NoValues = [];
    private readonly SimulatedOrg _org;
    private readonly List<TransactionStep> _steps = [];

    internal TransactionDraft(SimulatedOrg org) => _org = org;

    public IReadOnlyList<TransactionStep> Steps => _steps;

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
        string objectName, IReadOnlyList<string> ids, IReadOnlyDictionary<string, object?> values, bool stamped = true, bool wholeCompounds = false)
        => Add(new TransactionStep.Update(_org[objectName], ids, values) { Stamped = stamped, WholeCompounds = wholeCompounds });

    public TransactionDraft Delete(string objectName, params IReadOnlyList<string> ids) => Add(new TransactionStep.Delete(_org[objectName], ids));

    public TransactionDraft Undelete(string objectName, string id) => Add(new TransactionStep.Undelete(_org[objectName], id));

    public TransactionDraft GapUpdate(string objectName, string id, IReadOnlyDictionary<string, object?> values, bool foreignKey)
        => Add(new TransactionStep.Gap(_org[objectName], ChangeType.GapUpdate, id, values, foreignKey));

    public TransactionDraft GapDelete(string objectName, string id, bool foreignKey)
        => Add(new TransactionStep.Gap(_org[objectName], ChangeType.GapDelete, id, NoValues, foreignKey));

    public TransactionDraft GapUndelete(string objectName, string id, bool foreignKey)
        => Add(new TransactionStep.Gap(_org[objectName], ChangeType.GapUndelete, id, NoValues, foreignKey));

    /// <returns>The id of the record of which only a gap event tells.</returns>
    public string GapCreate(string objectName, IReadOnlyDictionary<string, object?> values, bool foreignKey)
    {
        var target = _org[objectName];
        var id = _org.NextId(target);
        _steps.Add(new TransactionStep.Gap(target, ChangeType.GapCreate, id, values, foreignKey));
        return id;
    }

    public TransactionDraft Overflow(string objectName) => Add(new TransactionStep.Overflow(_org[objectName]));

    public TransactionDraft SkipSequence(int count) => Add(new TransactionStep.SkipSequence(count));

    public TransactionDraft NextSecond() => Add(new TransactionStep.NextSecond());

    private TransactionDraft Add(TransactionStep step)
    {
        _steps.Add(step);
        return this;
    }
}
