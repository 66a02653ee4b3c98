namespace SalesforceSync.Store;

/// <summary>
/// Hands what was just stored to apply in memory, and reads the table back only when apply is behind by more than the bound. Written by one receive
/// loop and read by one apply loop. Nothing here is lost by a crash: all of it is in the table.
/// </summary>
/// <param name="readPage">The stored events after one number, up to and including another, at most so many.</param>
/// <param name="stored">Number of the last event stored so far.</param>
internal sealed class Handoff(Func<long, long, int, CancellationToken, Task<IReadOnlyList<StoredEvent>>> readPage, long stored)
{
    /// <summary>Bytes of payload held before apply has to read the table.</summary>
    private const long Bound = 8 << 20;

    private const int PageEvents = 1_000;

    private readonly Lock _gate = new();
    private readonly Queue<(IReadOnlyList<StoredEvent> Events, long From, StreamMark Mark)> _held = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamMark? _mark;
    private bool _markIsNew;
    private long _stored = stored;
    private long _bytes;

    /// <summary>Number of the last event stored.</summary>
    public long Stored
    {
        get { lock (_gate) return _stored; }
    }

    /// <summary>True when <see cref="ReadAsync"/> would not wait.</summary>
    public bool HasNews(long after)
    {
        lock (_gate) return _stored > after || _markIsNew;
    }

    /// <summary>Tells that these events, possibly none, lie in the table since the last call, and what is known of the stream after them.</summary>
    public void Offer(IReadOnlyList<StoredEvent> events, StreamMark mark)
    {
        lock (_gate)
        {
            if (events.Count > 0)
            {
                _held.Enqueue((events, _stored, mark));
                _stored = events[^1].Number;
                _bytes += events.Sum(e => e.Payload.Length);
                if (_bytes > Bound)
                    Drop();
            }
            _mark = mark;
            _markIsNew = true;
            _news.TrySetResult();
        }
    }

    /// <summary>The next events after a number, or a newer mark; waits while there is neither.</summary>
    public async Task<StoredBatch> ReadAsync(long after, CancellationToken stop)
    {
        while (true)
        {
            Task news;
            long upTo;
            IReadOnlyList<long> cuts;
            lock (_gate)
            {
                if (TakeHeld(after) is { } batch)
                    return batch;
                upTo = _stored;
                cuts = Cuts;
                if (upTo <= after && _markIsNew)
                {
                    _markIsNew = false;
                    return new([], _mark, cuts);
                }
                if (_news.Task.IsCompleted)
                    _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
                news = _news.Task;
            }
            if (upTo > after)
                return new(await readPage(after, upTo, PageEvents, stop), null, cuts);
            await news.WaitAsync(stop);
        }
    }

    private StoredBatch? TakeHeld(long after)
    {
        while (_held.TryPeek(out var head) && head.Events[^1].Number <= after)
            Dequeue();
        if (!_held.TryPeek(out var next) || next.From > after)
            return null;
        Dequeue();
        return new(next.From == after ? next.Events : [.. next.Events.Where(e => e.Number > after)], next.Mark, Cuts);
    }

    private IReadOnlyList<long> Cuts => _mark?.Cuts ?? [];

    private void Dequeue() => _bytes -= _held.Dequeue().Events.Sum(e => e.Payload.Length);

    private void Drop()
    {
        _held.Clear();
        _bytes = 0;
    }
}
