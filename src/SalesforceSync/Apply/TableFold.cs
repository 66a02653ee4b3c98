namespace SalesforceSync.Apply;

/// <summary>All records of one table that a call writes, each once.</summary>
internal sealed class TableFold(ObjectTable table)
{
    private readonly Dictionary<string, RecordFold> _records = new(StringComparer.Ordinal);

    public ObjectTable Table => table;

    public int Count => _records.Count;

    /// <summary>In no order; see <see cref="Sorted"/>.</summary>
    public IEnumerable<RecordFold> Records => _records.Values;

    public RecordFold this[string recordId] => _records[recordId];

    public RecordFold? Find(string recordId) => _records.GetValueOrDefault(recordId);

    public void Add(string recordId, NumberedChange change, SchemaBinding binding, TextDiffs diffs)
    {
        if (!_records.TryGetValue(recordId, out var record)) _records.Add(recordId, record = new(recordId));
        record.Add(change, binding, diffs);
    }

    /// <summary>The records in the order of the primary key: one order of locks, and neighbours in the index after each other.</summary>
    public List<RecordFold> Sorted()
    {
        var sorted = new List<RecordFold>(_records.Values);
        sorted.Sort((a, b) => string.CompareOrdinal(a.Id, b.Id));
        return sorted;
    }
}
