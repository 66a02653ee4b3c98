namespace SalesforceSync.Assemble;

/// <summary>The transaction keys taken lately, so that a straggler is known for one. Bounded; used by one loop.</summary>
internal sealed class RecentTransactions
{
    private const int Kept = 5_000;

    private readonly Dictionary<string, Entry> _byKey = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>What is remembered of a key: when it last grew, and the number of its last write (0 while unknown).</summary>
    internal readonly record struct Entry(long LastOrdinal, long LastWrite);

    public void Taken(string key, long lastOrdinal)
    {
        if (!_byKey.ContainsKey(key))
        {
            _order.Enqueue(key);
            if (_order.Count > Kept)
                _byKey.Remove(_order.Dequeue());
        }
        _byKey[key] = new(lastOrdinal, _byKey.GetValueOrDefault(key).LastWrite);
    }

    public void Written(string key, long number)
    {
        if (_byKey.TryGetValue(key, out var entry))
            _byKey[key] = entry with { LastWrite = number };
    }

    public Entry? Find(string key) => _byKey.TryGetValue(key, out var entry) ? entry : null;
}
