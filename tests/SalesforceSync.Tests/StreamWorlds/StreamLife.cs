using Eventbus.V1;
using SalesforceSync.Apply;
using SalesforceSync.Assemble;
using SalesforceSync.Receive;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;
using SalesforceSync.Tests.Worlds;

namespace SalesforceSync.Tests.StreamWorlds;

/// <summary>
/// The product's own decisions about one channel between two crashes: what is new, where the position stands, what is a whole transaction and is committed
/// together. Around them is only what <see cref="Intake"/> and <see cref="ApplyLoop"/> do with their answers, here with tables in memory.
/// </summary>
internal sealed class StreamLife
{
    private static readonly TimeSpan Setting = TimeSpan.FromMilliseconds(50);

    private readonly StreamTables _tables;
    private readonly SimulatedOrg _org;
    private readonly WorldStream _stream;
    private readonly CompiledSchemas _schemas;
    private readonly Reception _reception;
    private readonly Handoff _handoff;
    private readonly RecentTransactions _recent = new();
    private readonly CommitQueue _queue;
    private readonly long _epoch;
    private readonly Func<bool> _skipsWhenLost;
    private readonly Action _skipped;
    private readonly bool _beginsEarliest;
    private long _applied;
    private bool _listening;

    public StreamLife(StreamTables tables, SimulatedOrg org, Topic topic, CompiledSchemas schemas, Func<bool> skipsWhenLost, Action skipped, bool beginsEarliest)
    {
        (_tables, _org, _schemas, _skipsWhenLost, _skipped, _beginsEarliest) = (tables, org, schemas, skipsWhenLost, skipped, beginsEarliest);
        _stream = new(org, topic);
        _epoch = tables.Take();
        _reception = new(new EventNumbers(tables.HighestNumber), topic.Name);
        var start = new ChannelStart(tables.Received, tables.IsPositionLost, tables.Skips, null);
        _reception.Start(
            start, tables.Tail(tables.Received.Event, Reception.Remembered), tables.IsPositionLost ? KnownIds() : null, LastStored(tables.Received.Event, tables.LostEvent), Now);
        _handoff = new(tables.PageAsync, tables.Received.Event);
        _applied = tables.Applied;
        var position = new AppliedPosition(tables.Applied, tables.Interleaved, tables.Received.ClosedEvent, tables.Received.Cuts);
        _queue = new(position, _recent, tables.Tail(tables.Applied, CommitQueue.Remembered).Select(Understand).ToList());
    }

    /// <summary>Everything that was received is applied, as far as it is complete.</summary>
    public bool IsDone => _tables.Applied == _tables.Received.Event;

    /// <summary>There is something to receive, or nobody listens.</summary>
    public bool HasMore => !_listening || _stream.HasMore;

    private TimeSpan QuietPeriod => ClosingRules.QuietPeriod(Setting, null, _stream.Time);

    private DateTimeOffset Now => _org.Time.GetUtcNow();

    /// <summary>The call ends; the next one resumes.</summary>
    public void Cut() => _listening = false;

    /// <summary>The next response is taken: events, or none.</summary>
    /// <param name="silence">How long the stream was silent before.</param>
    /// <returns>False when it was an empty one.</returns>
    public bool Receive(int most, TimeSpan silence)
    {
        if (!_listening && !Listen())
            return true;
        _stream.Wait(silence);
        var item = _stream.Next(most);
        var committed = new Queue<DateTimeOffset?>();
        foreach (var raw in item is StreamItem.Events batch ? batch.List : [])
            committed.Enqueue(DateTimeOffset.FromUnixTimeMilliseconds(Understand(new(0, raw.ReplayId, raw.EventId, raw.SchemaId, raw.Payload, Now)).Header!.CommitTimestamp));
        try
        {
            Take(item, committed);
        }
        catch (PositionLostException)
        {
            Cut();
            Lose();
            return true;
        }
        return item is StreamItem.Events;
    }

    /// <summary>The stream has been silent for a while, and says nothing of it.</summary>
    public void BeSilent(TimeSpan silence)
    {
        if (!_listening)
            return;
        _stream.Wait(silence);
        Take(_stream.Silence, new());
    }

    /// <summary>One batch, if there is one, and what it completes.</summary>
    public bool Apply()
    {
        if (!_handoff.HasNews(_queue.Read))
            return false;
        // There is something, so nothing is waited for.
        var batch = _handoff.ReadAsync(_queue.Read, CancellationToken.None).GetAwaiter().GetResult();
        _queue.Begin(batch);
        foreach (var stored in batch.Events)
            _queue.Add(Understand(stored));
        _queue.Close(batch);
        foreach (var units in _queue.Commits())
        {
            var transactions = units.SelectMany(unit => unit).ToList();
            var step = new ApplyStep(_applied, transactions.Max(t => t.Last), _queue.Interleaved);
            foreach (var (key, number) in _tables.Apply(_epoch, transactions, step, _recent))
                _recent.Written(key, number);
            _applied = step.To;
        }
        return true;
    }

    private void Take(StreamItem item, Queue<DateTimeOffset?> committed)
    {
        var taken = _reception.Take([item], committed, Now);
        if (taken.IsHeard)
            _tables.Append(_epoch, taken.Events, _reception.Position, taken.Position);
        _reception.Stored(taken);
        _handoff.Offer(taken.Events, _reception.Mark(QuietPeriod));
        if (!taken.IsCaughtUp)
            return;
        _tables.CaughtUp(_epoch);
        _reception.CaughtUp();
    }

    private bool Listen()
    {
        var begin = _reception.StartCall(Now, _beginsEarliest);
        if (begin.Preset == ReplayPreset.Latest)
            _skipped();
        _listening = _stream.Start(begin);
        if (!_listening)
            Lose();
        return _listening;
    }

    private void Lose()
    {
        var skips = _skipsWhenLost();
        _tables.Lose(_epoch, skips);
        _reception.Lose(skips, KnownIds(), LastStored(_reception.Position.Event, _reception.Position.Event), Now);
        _handoff.Offer([], _reception.Mark(QuietPeriod));
    }

    private Reception.LastStored? LastStored(long number, long lost) => _tables.Events.LastOrDefault(e => e.Number == number) is { } last
        ? new(last.EventId, DateTimeOffset.FromUnixTimeMilliseconds(Understand(last).Header!.CommitTimestamp), IsSinceLoss: number > lost)
        : null;

    private Dictionary<string, int> KnownIds() => _tables.Events.GroupBy(e => e.EventId, StringComparer.Ordinal).ToDictionary(e => e.Key, e => e.Count(), StringComparer.Ordinal);

    private TransactionEvent Understand(StoredEvent stored) => _schemas.Understand(stored);
}
