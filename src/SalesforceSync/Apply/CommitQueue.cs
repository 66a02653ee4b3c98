using SalesforceSync.Assemble;
using SalesforceSync.Store;

namespace SalesforceSync.Apply;

/// <summary>Where a channel's applying goes on after a start.</summary>
/// <param name="Event">The applied position.</param>
/// <param name="Interleaved">Keys of two transactions were seen to alternate.</param>
/// <param name="ClosedEvent">An empty response followed this event, as far as was known before the start.</param>
/// <param name="Cuts">The last events before positions that were lost with something open, ascending.</param>
internal sealed record AppliedPosition(long Event, bool Interleaved, long ClosedEvent, IReadOnlyList<long> Cuts);

/// <summary>
/// Stored events go in as they are read, and come out as what is to be committed together: whole transactions, in order. Decides, and touches nothing;
/// everything it holds follows from the stored events and the position. Used by one loop.
/// </summary>
internal sealed class CommitQueue
{
    /// <summary>How many of the last applied events are looked at again at a start, so that stragglers of their transactions are known for such.</summary>
    public const int Remembered = 2_000;

    /// <summary>Events of a backlog that go into one commit; transactions are never split for it.</summary>
    private const int EventsPerCommit = 1_000;

    private readonly TransactionAssembler _assembler;
    private readonly long _closedAtStart;

    /// <param name="tail">The last <see cref="Remembered"/> events up to the applied position.</param>
    public CommitQueue(AppliedPosition start, RecentTransactions recent, IEnumerable<TransactionEvent> tail)
    {
        var before = new TransactionAssembler(recent, interleaved: true);
        foreach (var applied in tail)
            before.Add(applied);
        before.CloseThrough(start.Event);
        while (before.TakeUnit() is not null)
        {
        }
        _assembler = before.Continue(start.Interleaved);
        (Read, _closedAtStart) = (start.Event, start.ClosedEvent);
        Cut(start.Cuts);
    }

    /// <summary>Number of the last event that was taken in.</summary>
    public long Read { get; private set; }

    /// <summary>Keys of different transactions were seen to alternate.</summary>
    public bool Interleaved => _assembler.Interleaved;

    /// <summary>Events that were taken in and did not come out yet.</summary>
    public int Pending => _assembler.Pending;

    /// <summary>A batch was read after <see cref="Read"/>; its events are added next, then <see cref="Close"/> is told.</summary>
    public void Begin(StoredBatch batch)
    {
        // Before time goes on and events of after a loss come in: either would close what the loss has cut.
        Cut(batch.Cuts);
        _assembler.IsTimed = batch.Mark is not null;
        if (batch.Mark is not { } mark)
            return;
        _assembler.QuietPeriod = mark.QuietPeriod;
        _assembler.Advance(mark.StreamTime);
    }

    /// <summary>The next event of the batch.</summary>
    public void Add(TransactionEvent added)
    {
        _assembler.Add(added);
        Read = added.Number;
    }

    /// <summary>All of the batch was added.</summary>
    public void Close(StoredBatch batch)
    {
        // A page of a backlog may end in the middle of a transaction: what came before the start is complete only once all of it has been read.
        if (Read >= _closedAtStart)
            _assembler.CloseThrough(_closedAtStart);
        if (batch.Mark is { } mark)
            _assembler.CloseThrough(mark.ClosedThrough);
    }

    /// <summary>
    /// What is complete, in as few commits as the bound allows, each made of units after which the position can stand. The next commit may be asked for once
    /// the one before is made: what it wrote tells what becomes of stragglers.
    /// </summary>
    public IEnumerable<IReadOnlyList<IReadOnlyList<Transaction>>> Commits()
    {
        var units = new List<IReadOnlyList<Transaction>>();
        var events = 0;
        while (_assembler.TakeUnit() is { } unit)
        {
            var isLate = unit.Any(t => t.IsLate);
            // A straggler is judged by what the table says, so everything before it has to be there.
            if (isLate && units.Count > 0)
            {
                yield return units;
                (units, events) = ([], 0);
            }
            units.Add(unit);
            events += unit.Sum(t => t.Received);
            if (events < EventsPerCommit && !isLate)
                continue;
            yield return units;
            (units, events) = ([], 0);
        }
        if (units.Count > 0)
            yield return units;
    }

    private void Cut(IReadOnlyList<long> cuts)
    {
        foreach (var number in cuts)
            _assembler.CutThrough(number);
    }
}
