using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// The records of the org. Guarded by the org's lock: read it only inside <see cref="SimulatedOrg.Read{T}"/>, and take out copies of values, not records.
/// What was purged is known to the truth alone and found by no reader.
/// </summary>
internal sealed class RecordStore
{
    private readonly Dictionary<string, SimulatedRecord> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<SimulatedObject, List<SimulatedRecord>> _byObject = [];

    /// <summary>Everything there ever was, purged records too.</summary>
    public IReadOnlyCollection<SimulatedRecord> All => _byId.Values;

    /// <summary>Live records and those in the recycle bin, as queryAll shows them, in the order they came into being.</summary>
    public IEnumerable<SimulatedRecord> Of(SimulatedObject target) => Every(target).Where(record => !record.Purged);

    /// <summary>Live records, as query shows them.</summary>
    public IEnumerable<SimulatedRecord> Live(SimulatedObject target) => Every(target).Where(record => record is { Purged: false, Deleted: false });

    /// <summary>Records in the recycle bin.</summary>
    public IEnumerable<SimulatedRecord> Bin(SimulatedObject target) => Every(target).Where(record => record is { Purged: false, Deleted: true });

    /// <param name="id">15 or 18 characters.</param>
    /// <returns>A live record or one in the recycle bin; null for what never was and what was purged.</returns>
    public SimulatedRecord? Find(string id)
        => _byId.TryGetValue(SalesforceId.Widen(id), out var record) && !record.Purged ? record : null;

    public void Add(SimulatedRecord record)
    {
        _byId.Add(record.Id, record);
        if (!_byObject.TryGetValue(record.Object, out var list)) _byObject.Add(record.Object, list = []);
        list.Add(record);
    }

    private List<SimulatedRecord> Every(SimulatedObject target) => _byObject.GetValueOrDefault(target) ?? [];
}
