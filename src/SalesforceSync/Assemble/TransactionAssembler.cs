using SalesforceSync.Diagnostics;

namespace SalesforceSync.Assemble;

/// <summary>
/// Puts the events of one channel together to transactions again. Pure: what it is told is all it knows. Events go in by ascending number; transactions come
/// out whole, in the order of their first event, and only in units beyond which nothing has been given out: the position can stand after each unit.
/// </summary>
internal sealed class TransactionAssembler(RecentTransactions recent, bool interleaved)
{
    private readonly Dictionary<string, Transaction> _open = new(StringComparer.Ordinal);
    private readonly LinkedList<Transaction> _inOrder = new();
    private readonly Queue<long> _cuts = new();
    private readonly HashSet<Transaction> _untimed = [];
    private TimeSpan _now;
    private long _ordinal;
    private long _closedThrough;
    private long _last;
    private long _lastCut;
    private long _bytes;

    /// <summary>Keys of different transactions were seen to alternate: from then on another key no longer closes a transaction.</summary>
    public bool Interleaved { get; private set; } = interleaved;

    /// <summary>How long the stream must be silent before what is open counts as complete; may change with the connection.</summary>
    public TimeSpan QuietPeriod { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Events that were added and not yet taken.</summary>
    public int Pending { get; private set; }

    /// <summary>Bytes of the contents held.</summary>
    public long Bytes => _bytes;

    /// <summary>An empty assembler that goes on counting where this one, which must be drained, stands.</summary>
    public TransactionAssembler Continue(bool alternating) => new(recent, alternating) { _ordinal = _ordinal };

    /// <summary>
    /// Whether what is added now came at the present stream time. When events are read back it is not known when they came: silence counts from the next
    /// <see cref="Advance"/> on.
    /// </summary>
    public bool IsTimed { get; set; } = true;

    /// <summary>Stream time goes on; it never goes back.</summary>
    public void Advance(TimeSpan streamTime)
    {
        _now = streamTime > _now ? streamTime : _now;
        foreach (var transaction in _untimed)
            transaction.LastTime = _now;
        _untimed.Clear();
    }

    /// <summary>An empty response came after this event: whatever ends there is complete.</summary>
    public void CloseThrough(long number) => _closedThrough = Math.Max(_closedThrough, number);

    /// <summary>
    /// The position was lost after this event, which may be still to come: what is open there is taken as it is and says so. Events of it that come after the
    /// loss do not show that none is missing. To be told before time goes on; told again, it changes nothing.
    /// </summary>
    public void CutThrough(long number)
    {
        if (number <= _lastCut)
            return;
        _lastCut = number;
        _cuts.Enqueue(number);
        CutUpTo(_last);
    }

    public void Add(TransactionEvent added)
    {
        Pending++;
        CutUpTo(added.Number - 1);
        var transaction = Place(added);
        var before = transaction.Bytes;
        transaction.Add(added);
        _bytes += transaction.Bytes - before;
        _last = added.Number;
        CutUpTo(_last);
        if (_bytes > ClosingRules.BytesHeld && !PlantedBug.Is(PlantedBugs.NeverReleased))
            ReleaseLargest();
    }

    /// <summary>The next transactions that can be applied and after which the position can stand, or null while one among them is open.</summary>
    public IReadOnlyList<Transaction>? TakeUnit()
    {
        var count = 0;
        var last = 0L;
        foreach (var transaction in _inOrder)
        {
            if (count > 0 && (transaction.First > last || PlantedBug.Is(PlantedBugs.PositionInside)))
                break;
            if (!IsClosed(transaction))
                return null;
            last = Math.Max(last, transaction.Last);
            count++;
        }
        return count == 0 ? null : Take(count);
    }

    private void CutUpTo(long reached)
    {
        while (_cuts.TryPeek(out var cut) && cut <= reached)
        {
            _cuts.Dequeue();
            foreach (var transaction in _inOrder.Where(t => t.First <= cut && !IsClosed(t)))
                transaction.IsCut = !PlantedBug.Is(PlantedBugs.CutUnnoticed);
            CloseThrough(cut);
        }
    }

    private Transaction Place(TransactionEvent added)
    {
        // Gap and overflow events may carry keys of the database tier: they belong to a transaction only where that very key is open, and close none.
        var key = added.Header?.TransactionKey;
        var isGap = added.Header is null or { IsGap: true };
        if (key is not null && _open.TryGetValue(key, out var open))
        {
            Interleaved |= !isGap && open.LastOrdinal != _ordinal && !PlantedBug.Is(PlantedBugs.AlternatingUnnoticed);
            Grow(open, isGap);
            return open;
        }
        if (isGap && PlantedBug.Is(PlantedBugs.GapCloses))
            _ordinal++;
        if (isGap || key is null)
            return Append(new Transaction(null, isLate: false));
        var before = recent.Find(key);
        Interleaved |= before is { } taken && taken.LastOrdinal != _ordinal && !PlantedBug.Is(PlantedBugs.AlternatingUnnoticed);
        var opened = Append(new Transaction(key, isLate: before is not null));
        _open.Add(key, opened);
        Grow(opened, isGap: false);
        return opened;
    }

    private void Grow(Transaction transaction, bool isGap)
    {
        if (isGap)
            return;
        transaction.LastOrdinal = ++_ordinal;
        var isTimed = IsTimed || PlantedBug.Is(PlantedBugs.ReadBackIsSilence);
        transaction.LastTime = isTimed ? _now : TimeSpan.MaxValue;
        if (!isTimed)
            _untimed.Add(transaction);
    }

    private Transaction Append(Transaction transaction)
    {
        _inOrder.AddLast(transaction);
        return transaction;
    }

    private bool IsClosed(Transaction transaction)
    {
        if (transaction.Key is null || transaction.Last <= _closedThrough)
            return true;
        var silence = _now - transaction.LastTime;
        if (silence >= QuietPeriod)
            return true;
        var others = _ordinal - transaction.LastOrdinal;
        return Interleaved
            ? others >= ClosingRules.InterleavedEvents
            : others >= ClosingRules.LingerEvents || (others > 0 && silence >= ClosingRules.Linger);
    }

    private List<Transaction> Take(int count)
    {
        var unit = new List<Transaction>(count);
        for (var i = 0; i < count; i++)
        {
            var transaction = _inOrder.First!.Value;
            _inOrder.RemoveFirst();
            if (transaction.Key is { } key)
            {
                _open.Remove(key);
                _untimed.Remove(transaction);
                recent.Taken(key, transaction.LastOrdinal);
            }
            _bytes -= transaction.Bytes;
            Pending -= transaction.Received;
            unit.Add(transaction);
        }
        return unit;
    }

    private void ReleaseLargest()
    {
        var largest = _inOrder.MaxBy(t => t.Bytes)!;
        _bytes -= largest.Bytes;
        largest.Release();
    }
}
