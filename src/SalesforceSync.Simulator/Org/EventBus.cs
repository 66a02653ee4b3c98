using Eventbus.V1;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// The retained events of the org in commit order. One lock; appending is atomic for a whole transaction. Positions rise in random steps and only those
/// that exist are accepted.
/// </summary>
internal sealed class EventBus(int seed, TimeProvider time)
{
    // Where the positions of every simulated org begin; ids fit a JavaScript number, which the npm client reads them into.
    private const long Origin = 395_640_000_000;

    // A chunked trim keeps the list from being copied for every expired event.
    private const int TrimAtLeast = 1024;

    /// <summary>What Salesforce promises to keep (event message durability: 72 hours).</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(72);

    private readonly Lock _lock = new();
    private readonly Random _steps = new(seed);
    private readonly List<BusEntry> _entries = [];
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _expired;
    private long _dropped;
    private long _newest = Origin;
    private long _validFrom;

    /// <summary>Events that subscribers can see, ever.</summary>
    public long EventCount { get; private set; }

    /// <summary>The newest position given.</summary>
    public long Newest
    {
        get { lock (_lock) return _newest; }
    }

    /// <summary>The position of the newest event that subscribers can see; the origin before the first.</summary>
    public long NewestEvent { get; private set; } = Origin;

    /// <summary>Completes when something arrives after this call.</summary>
    public Task Arrival
    {
        get { lock (_lock) return _appended.Task; }
    }

    public void Append(IReadOnlyList<BusEntry> entries)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            foreach (var entry in entries) Place(entry, now);
            Expire(now);
        }
        Wake();
    }

    /// <summary>Moves the position although nothing visible happened, as the events of others do on Salesforce's bus.</summary>
    /// <param name="unlessWithin">Nothing is done when the newest position is younger than this.</param>
    public void Drift(TimeSpan unlessWithin)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_entries.Count > _expired && now - _entries[^1].At < unlessWithin) return;
            Place(new BusEntry(null, null), now);
            Expire(now);
        }
    }

    /// <summary>Where a subscription starts: the number of entries before it since the org began.</summary>
    public long Earliest
    {
        get
        {
            lock (_lock)
            {
                Expire(time.GetUtcNow());
                return _dropped + _expired;
            }
        }
    }

    public long Latest
    {
        get { lock (_lock) return _dropped + _entries.Count; }
    }

    /// <returns>The place right after the position, or null when it never was, has expired or was declared void.</returns>
    public long? After(long position)
    {
        lock (_lock)
        {
            Expire(time.GetUtcNow());
            if (position < _validFrom) return null;
            if (position == Origin && _dropped + _expired == 0) return 0;
            var index = IndexOf(position);
            return index < 0 ? null : _dropped + index + 1;
        }
    }

    /// <summary>Copies what <paramref name="topic"/> carries from <paramref name="place"/> on and moves the place behind everything looked at.</summary>
    /// <param name="maxBytes">Stops before the total passes it, but never before the first.</param>
    /// <returns>The position of the last entry looked at, or null when there was none.</returns>
    public long? Read(Topic topic, ref long place, int maxEvents, int maxBytes, ICollection<ConsumerEvent> into)
    {
        long? last = null;
        var bytes = 0;
        lock (_lock)
        {
            for (var index = (int)Math.Max(_expired, place - _dropped); index < _entries.Count; index++)
            {
                var entry = _entries[index];
                if (topic.Carries(entry))
                {
                    bytes += entry.Event!.Payload.Length + 128;
                    if (into.Count >= maxEvents || (into.Count > 0 && bytes > maxBytes)) break;
                    into.Add(topic.Deliver(entry));
                }
                place = _dropped + index + 1;
                last = entry.Position;
            }
        }
        return last;
    }

    /// <summary>Commit times by position, for whoever measures how long an event took.</summary>
    /// <returns>At most <paramref name="max"/> events after the position.</returns>
    public IReadOnlyList<(long Position, DateTimeOffset At)> CommitsAfter(long position, Topic topic, int max)
    {
        var commits = new List<(long, DateTimeOffset)>();
        lock (_lock)
        {
            var index = IndexOf(position);
            for (index = index < 0 ? ~index : index + 1; index < _entries.Count && commits.Count < max; index++)
            {
                if (topic.Carries(_entries[index])) commits.Add((_entries[index].Position, _entries[index].At));
            }
        }
        return commits;
    }

    /// <summary>Forgets what arrived before, as 72 hours would: its ids are refused and it is never delivered again.</summary>
    public void ExpireAll()
    {
        lock (_lock)
        {
            _expired = _entries.Count;
            Trim();
        }
    }

    /// <summary>Refuses every id given so far but keeps the events, as after a move of the org to another stream.</summary>
    public void VoidPositions()
    {
        lock (_lock) _validFrom = _newest + 1;
    }

    private void Place(BusEntry entry, DateTimeOffset now)
    {
        _newest += _steps.Next(8) == 0 ? _steps.Next(2, 5000) : 1;
        entry.Position = _newest;
        entry.At = now;
        if (entry.Event is not null)
        {
            entry.Delivered = new ConsumerEvent { Event = entry.Event, ReplayId = ReplayPosition.Spell(entry.Position) };
            EventCount++;
            NewestEvent = entry.Position;
        }
        _entries.Add(entry);
    }

    private void Wake()
    {
        TaskCompletionSource waiting;
        lock (_lock)
        {
            waiting = _appended;
            _appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        waiting.SetResult();
    }

    private void Expire(DateTimeOffset now)
    {
        while (_expired < _entries.Count && now - _entries[_expired].At > Retention) _expired++;
        if (_expired >= TrimAtLeast) Trim();
    }

    private void Trim()
    {
        _entries.RemoveRange(0, _expired);
        _dropped += _expired;
        _expired = 0;
    }

    /// <returns>The index of a retained entry, or the complement of where it would stand.</returns>
    private int IndexOf(long position)
    {
        int low = _expired, high = _entries.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var at = _entries[middle].Position;
            if (at == position) return middle;
            if (at < position) low = middle + 1;
            else high = middle - 1;
        }
        return ~low;
    }
}
