using SalesforceSync.Apply;
using SalesforceSync.Assemble;
using SalesforceSync.Store;

namespace SalesforceSync.Tests.StreamWorlds;

/// <summary>The outcome of a commit is not known to whoever made it, or it did not come to be.</summary>
internal sealed class CommitLostException() : Exception("the connection is gone");

/// <summary>Another life owns the tables.</summary>
internal sealed class NotOwnerException() : Exception("the epoch is another one");

/// <summary>One event that was written to one record.</summary>
internal sealed record RowWrite(int Commit, long Number, long Event, string Record, string Key, int Sequence);

/// <summary>A transaction as it was committed, or what there was of it.</summary>
internal sealed record AppliedPart(int Commit, string? Key, bool IsLate, bool IsCut, IReadOnlyList<long> Events);

/// <summary>
/// What a copy holds of a stream, as a small transactional store in memory: every change is a commit that comes to be or not, and of which its maker learns
/// the outcome or not, and the commits of a life that is over are refused. For one thread.
/// </summary>
/// <param name="isLost">Asked at each commit: whether its maker hears nothing of it, and whether it came to be.</param>
internal sealed class StreamTables(Func<(bool Unheard, bool Done)> isLost)
{
    private readonly List<StoredEvent> _events = [];
    private readonly Dictionary<string, LastWriter> _rows = new(StringComparer.Ordinal);
    private long _applyNumber;

    /// <summary>Who may write.</summary>
    public long Epoch { get; private set; }

    public IReadOnlyList<StoredEvent> Events => _events;

    public ReceivedPosition Received { get; private set; } = ReceivedPosition.Nothing;

    /// <summary>The stream was heard.</summary>
    public bool IsHeard { get; private set; }

    public bool IsPositionLost { get; private set; }

    public bool Skips { get; private set; }

    /// <summary>The last event stored before the last loss.</summary>
    public long LostEvent { get; private set; }

    /// <summary>After some loss the stream went on with the next event.</summary>
    public bool HasSkipped { get; private set; }

    /// <summary>How often a position was lost.</summary>
    public int Losses { get; private set; }

    public long Applied { get; private set; }

    public bool Interleaved { get; private set; }

    public int Commits { get; private set; }

    /// <summary>From which event to which each commit of transactions has taken the position.</summary>
    public List<(int Commit, long From, long To)> Moves { get; } = [];

    public List<RowWrite> Writes { get; } = [];

    public List<AppliedPart> Parts { get; } = [];

    /// <summary>Records that are to be fetched.</summary>
    public HashSet<string> Repairs { get; } = new(StringComparer.Ordinal);

    public long Take() => ++Epoch;

    public long HighestNumber => Math.Max(Received.Event, _events.Count > 0 ? _events[^1].Number : 0);

    public void Append(long epoch, IReadOnlyList<StoredEvent> events, ReceivedPosition from, ReceivedPosition to) => Commit(epoch, () =>
    {
        if (Received.Event != from.Event)
            throw new InvalidOperationException($"the received position stands at {Received.Event}, not at {from.Event}");
        IsHeard = true;
        _events.AddRange(events);
        Received = to;
    });

    public void Lose(long epoch, bool skips) => Commit(epoch, () =>
    {
        var cuts = Received.AfterLoss().Cuts;
        Received = Received.AfterLoss() with { Cuts = [.. cuts.Where(cut => cut > Applied)] };
        (IsPositionLost, Skips, LostEvent) = (true, skips, Received.Event);
        (Losses, HasSkipped) = (Losses + 1, HasSkipped || skips);
    });

    public void CaughtUp(long epoch) => Commit(epoch, () => IsPositionLost = false);

    /// <returns>The last apply number of each key.</returns>
    public IReadOnlyDictionary<string, long> Apply(long epoch, IReadOnlyList<Transaction> transactions, ApplyStep step, RecentTransactions recent)
    {
        var last = new Dictionary<string, long>(StringComparer.Ordinal);
        Commit(epoch, () =>
        {
            if (Applied != step.From)
                throw new InvalidOperationException($"the applied position stands at {Applied}, not at {step.From}");
            foreach (var transaction in transactions)
            {
                foreach (var entry in transaction.InOrder())
                    Write(transaction, entry.Event!, recent);
                Parts.Add(new(Commits, transaction.Key, transaction.IsLate, transaction.IsCut, [.. transaction.InOrder().Select(entry => entry.Number)]));
                foreach (var record in transaction.Conflicts.SelectMany(conflict => conflict.Header?.RecordIds ?? []))
                    Repairs.Add(record);
                if (transaction.Key is { } key)
                    last[key] = _applyNumber;
            }
            Moves.Add((Commits, step.From, step.To));
            (Applied, Interleaved) = (step.To, step.Interleaved);
        });
        return last;
    }

    public Task<IReadOnlyList<StoredEvent>> PageAsync(long after, long upTo, int limit, CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<StoredEvent>>([.. _events.Where(e => e.Number > after && e.Number <= upTo).Take(limit)]);

    public IEnumerable<StoredEvent> Tail(long upTo, int limit) => _events.Where(e => e.Number <= upTo).TakeLast(limit);

    private void Write(Transaction transaction, TransactionEvent content, RecentTransactions recent)
    {
        _applyNumber++;
        if (content.Header is not { } header)
            return;
        foreach (var record in header.RecordIds)
        {
            if (header.IsGap || transaction.IsCut)
                Repairs.Add(record);
            if (header.IsGap)
                continue;
            var verdict = transaction.IsLate && _rows.TryGetValue(record, out var last)
                ? Straggler.Judge(header, last, recent.Find(header.TransactionKey)?.LastWrite ?? 0)
                : StragglerVerdict.Write;
            if (verdict == StragglerVerdict.Overtaken)
                Repairs.Add(record);
            if (verdict != StragglerVerdict.Write)
                continue;
            _rows[record] = new(_applyNumber, header.TransactionKey, header.SequenceNumber);
            Writes.Add(new(Commits, _applyNumber, content.Number, record, header.TransactionKey, header.SequenceNumber));
        }
    }

    private void Commit(long epoch, Action change)
    {
        if (epoch != Epoch)
            throw new NotOwnerException();
        var (isUnheard, isDone) = isLost();
        if (isDone)
        {
            Commits++;
            change();
        }
        if (isUnheard)
            throw new CommitLostException();
    }
}
