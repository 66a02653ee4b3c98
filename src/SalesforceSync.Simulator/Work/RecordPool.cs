namespace SalesforceSync.Simulator.Work;

/// <summary>Ids one can draw from at random and take back in constant time.</summary>
internal sealed class RecordPool(Random random)
{
    private readonly List<string> _ids = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public int Count => _ids.Count;

    public void Add(string id)
    {
        _places.Add(id, _ids.Count);
        _ids.Add(id);
    }

    public void Remove(string id)
    {
        if (!_places.Remove(id, out var place)) return;
        var last = _ids[^1];
        _ids.RemoveAt(_ids.Count - 1);
        if (last == id) return;
        _ids[place] = last;
        _places[last] = place;
    }

    /// <returns>Null when none of a few draws avoids <paramref name="taken"/>.</returns>
    public string? Draw(IReadOnlySet<string> taken)
    {
        for (var tries = 0; tries < 8 && _ids.Count > 0; tries++)
        {
            var id = _ids[random.Next(_ids.Count)];
            if (!taken.Contains(id)) return id;
        }
        return null;
    }

    /// <returns>Different ids, up to the count.</returns>
    public IReadOnlyList<string> Draw(int count, IReadOnlySet<string> taken)
    {
        var drawn = new HashSet<string>(taken, StringComparer.Ordinal);
        var ids = new List<string>(count);
        while (ids.Count < count && Draw(drawn) is { } id)
        {
            ids.Add(id);
            drawn.Add(id);
        }
        return ids;
    }
}
