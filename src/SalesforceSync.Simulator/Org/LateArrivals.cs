namespace SalesforceSync.Simulator.Org;

/// <summary>What has happened in the org and is not on the bus yet, in the order of commits. Guarded by the bus's lock.</summary>
internal sealed class LateArrivals
{
    private readonly Queue<(DateTimeOffset Due, IReadOnlyList<BusEntry> Entries)> _waiting = [];
    private DateTimeOffset _lastDue;

    /// <summary>Events among it.</summary>
    public long Events { get; private set; }

    /// <summary>When the next is due; null when nothing waits.</summary>
    public DateTimeOffset? Next => _waiting.Count > 0 ? _waiting.Peek().Due : null;

    /// <returns>False when there is nothing to wait for.</returns>
    public bool Hold(IReadOnlyList<BusEntry> entries, DateTimeOffset now, TimeSpan lag)
    {
        if (lag <= TimeSpan.Zero && _waiting.Count == 0) return false;
        // Nobody overtakes: the bus keeps the order of commits.
        _lastDue = _waiting.Count > 0 && _lastDue > now + lag ? _lastDue : now + lag;
        _waiting.Enqueue((_lastDue, entries));
        Events += entries.Count(entry => entry.Event is not null);
        return true;
    }

    /// <returns>Null when nothing is due.</returns>
    public IReadOnlyList<BusEntry>? Take(DateTimeOffset now)
    {
        if (Next is not { } due || due > now) return null;
        var entries = _waiting.Dequeue().Entries;
        Events -= entries.Count(entry => entry.Event is not null);
        return entries;
    }
}
