using Eventbus.V1;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// The retained events of the org in commit order. One lock; appending is atomic for a whole transaction. Positions rise in random steps and only those
/// that exist are accepted. What arrives late is invisible until it is due.
/// </summary>
internal sealed class EventBus(int seed, TimeProvider time)
{
    // Where the positions of every simulated org begin; ids fit a JavaScript number, which the npm client reads them into.
    private const long Origin = 395_640_000_000;

    // A chunked trim keeps the list from being copied for every expired event.
    private const int TrimAtLeast = 1024;

    /// <summary>What Salesforce promises to keep (event message durability: 72 hours).</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(72);

    // So long a gap event waits for a transaction to come behind.
    private static readonly TimeSpan LongestStraying = TimeSpan.FromMilliseconds(300);

    private readonly Lock _lock = new();
    private readonly Random _steps = new(seed);
    private readonly List<BusEntry> _entries = [];
    private readonly LateArrivals _late = new();
    private readonly List<BusEntry> _strays = [];
    private DateTimeOffset _strayedAt;
    // Held only so that it is not collected: it fires once and has nothing to give back.
    private object? _timer;
    private object? _strayTimer;
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _expired;
    private long _dropped;
    private long _newest = Origin;
    private long _validFrom;

    /// <summary>Events that subscribers can see, ever.</summary>
    public long EventCount { get; private set; }

    /// <summary>Events of what has happened that are still on their way to the bus.</summary>
    public long Waiting
    {
        get { lock (_lock) return _late.Events; }
    }

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

    /// <param name="lag">How much later the entries can be seen; what comes after them waits behind them.</param>
    public void Append(IReadOnlyList<BusEntry> entries, TimeSpan lag = default)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Arrive(now);
            entries = BeforeStrays(entries);
            if (_late.Hold(entries, now, lag))
            {
                Wait(now);
                return;
            }
            foreach (var entry in entries) Place(entry, now);
            Expire(now);
        }
        Wake();
    }

    /// <summary>Shows what is due, and what no later commit came before; whoever waits looks again. Called when time has jumped.</summary>
    public void Settle()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Arrive(now);
            if (_strays.Count > 0 && now - _strayedAt >= LongestStraying)
            {
                foreach (var stray in BeforeStrays([])) Place(stray, now);
            }
            Wait(now);
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

    /// <summary>Where a subscription to everything retained starts.</summary>
    public BusPlace Earliest
    {
        get
        {
            lock (_lock)
            {
                Expire(time.GetUtcNow());
                return new BusPlace(_dropped + _expired);
            }
        }
    }

    public BusPlace Latest
    {
        get { lock (_lock) return new BusPlace(_dropped + _entries.Count); }
    }

    /// <returns>The place right after the position, or null when it never was, has expired or was declared void.</returns>
    public BusPlace? After(long position)
    {
        lock (_lock)
        {
            Expire(time.GetUtcNow());
            if (position < _validFrom) return null;
            if (position == Origin && _dropped + _expired == 0) return new BusPlace(0);
            var index = IndexOf(position);
            return index < 0 ? null : new BusPlace(_dropped + index + 1);
        }
    }

    /// <summary>Copies what <paramref name="topic"/> carries from <paramref name="place"/> on and moves the place behind everything looked at.</summary>
    /// <param name="maxBytes">Stops before the total passes it, but never before the first.</param>
    /// <returns>The position of the last entry looked at, or null when there was none.</returns>
    public long? Read(Topic topic, ref BusPlace place, int maxEvents, int maxBytes, ICollection<ConsumerEvent> into)
    {
        var taken = new List<(BusEntry Entry, int First, int Count)>();
        var last = Look(topic, ref place, maxEvents - into.Count, maxBytes, taken);
        // Enrichment reads records, and the org's lock is never taken under the bus's.
        foreach (var (entry, first, count) in taken)
        {
            for (var sibling = first; sibling < first + count; sibling++) into.Add(topic.Deliver(entry, sibling));
        }
        return last;
    }

    private long? Look(Topic topic, ref BusPlace place, int maxEvents, int maxBytes, List<(BusEntry Entry, int First, int Count)> into)
    {
        long? last = null;
        var (bytes, events) = (0L, 0);
        lock (_lock)
        {
            var begun = place.Entries >= _dropped + _expired ? place.Siblings : 0;
            for (var index = (int)Math.Max(_expired, place.Entries - _dropped); index < _entries.Count; index++, begun = 0)
            {
                var entry = _entries[index];
                if (topic.Carries(entry))
                {
                    var size = entry.Event!.Payload.Length + 128;
                    var left = topic.SiblingsOf(entry) - begun;
                    var room = (int)Math.Min(maxEvents - events, events == 0 ? Math.Max(1, maxBytes / size) : (maxBytes - bytes) / size);
                    var count = Math.Min(left, room);
                    if (count > 0) into.Add((entry, begun, count));
                    (bytes, events) = (bytes + ((long)count * size), events + count);
                    if (count < left)
                    {
                        place = new BusPlace(_dropped + index, begun + Math.Max(0, count));
                        // An id that is still to come once more says no more than where the reader is.
                        return count > 0 ? entry.Position : last;
                    }
                }
                place = new BusPlace(_dropped + index + 1);
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

    /// <summary>What strays stays behind; what was left behind by earlier commits comes last.</summary>
    private List<BusEntry> BeforeStrays(IReadOnlyList<BusEntry> entries)
    {
        List<BusEntry> ordered = [.. entries.Where(entry => !entry.Strays), .. _strays];
        _strays.Clear();
        _strays.AddRange(entries.Where(entry => entry.Strays));
        if (_strays.Count > 0)
        {
            _strayedAt = time.GetUtcNow();
            _strayTimer = time.CreateTimer(_ => Settle(), null, LongestStraying, Timeout.InfiniteTimeSpan);
        }
        return ordered;
    }

    private void Arrive(DateTimeOffset now)
    {
        while (_late.Take(now) is { } entries)
        {
            foreach (var entry in entries) Place(entry, now);
        }
        Expire(now);
    }

    private void Wait(DateTimeOffset now)
    {
        if (_late.Next is not { } due) return;
        _timer = time.CreateTimer(_ => Settle(), null, due > now ? due - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
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
