using Microsoft.Extensions.Logging;
using SalesforceSync.Diagnostics;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Receive;

/// <summary>The stream we resumed is another one than we left (sandbox refreshed, org migrated): the position means nothing on it.</summary>
internal sealed class ForeignStreamException(string channel) : Exception($"{channel}: the resumed stream begins before the stored position; it is another stream");

/// <summary>
/// Takes what a subscription says, drops what is stored already, stores the rest with the position it gives, and only then hands it on. One per channel,
/// used by its receive loop.
/// </summary>
internal sealed class Intake(
    EventStore store, LostPosition lostPosition, Handoff handoff, EventNumbers numbers, ReceiveProgress progress,
    Func<RawEvent, CancellationToken, ValueTask<DateTimeOffset?>> understand, TimeProvider time, ILogger logger, string org)
{
    /// <summary>Long transactions commit late and carry older stamps; what is older than this is another stream.</summary>
    private static readonly TimeSpan CommitTimeSlack = TimeSpan.FromMinutes(30);

    /// <summary>A stream that is never idle is taken for caught up when it brings what is so young, and not soon after the loss: clocks differ.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan NeverIdle = TimeSpan.FromMinutes(10);

    private readonly RecentRuns _runs = new();
    private HashSet<string>? _known;
    private TimeSpan _calls;
    private TimeSpan _call;
    private long _cut;
    private bool _resumed;
    private DateTimeOffset _lostAt;
    private bool _isPastLoss;

    public ReceivedPosition Position { get; private set; } = ReceivedPosition.Nothing;

    /// <summary>The position was lost and the stream has not been caught up with since: what comes is compared with all that is stored.</summary>
    public bool IsLost => _known is not null;

    /// <summary>Where the stream goes on after the loss: with the next event, not with the oldest one kept.</summary>
    public bool Skips { get; private set; }

    /// <summary>Goes on from what the table says.</summary>
    public async Task StartAsync(ChannelStart start, CancellationToken stop)
    {
        Position = start.Received;
        foreach (var stored in await store.ReadTailAsync(Position.Event, 2_000, stop))
            _runs.Remember(stored.ReplayId, RecentRuns.Identity(stored.EventId, stored.Payload.Span));
        Skips = start.Skips;
        _lostAt = time.GetUtcNow();
        if (start.Lost)
            _known = await store.ReadEventIdsAsync(stop);
    }

    /// <summary>A new call is about to be made.</summary>
    public void StartCall(bool resumed)
    {
        _runs.StartCall();
        _calls += _call;
        _call = TimeSpan.Zero;
        _resumed = resumed;
    }

    /// <summary>Whether the events that Salesforce still keeps are more than may be delivered.</summary>
    public Task<bool> IsKeptTooDearAsync(long allowance, CancellationToken stop) => lostPosition.IsTooDearAsync(allowance, stop);

    /// <summary>The position is lost: from now on everything is compared with what is stored, and what is open is cut.</summary>
    /// <param name="skips">The stream is to go on with the next event.</param>
    public async Task LoseAsync(string reason, string policy, bool skips, string endpoint, TimeSpan quietPeriod, CancellationToken stop)
    {
        await lostPosition.RecordAsync(reason, Position.Resume.IsEmpty ? Position.Idle : Position.Resume, policy, skips, endpoint, stop);
        (Skips, _lostAt) = (skips, time.GetUtcNow());
        _known = await store.ReadEventIdsAsync(stop);
        Position = ReceivedPosition.Nothing with { Event = Position.Event, ClosedEvent = Position.Event };
        _cut = Position.Event;
        handoff.Offer([], Mark(quietPeriod));
    }

    /// <summary>Stores what a few items say, in one commit, and hands it on.</summary>
    /// <exception cref="ForeignStreamException">Nothing was stored.</exception>
    /// <exception cref="Protocol.GrpcException">A schema cannot be had just now; nothing was stored, and all of it is new when it comes again.</exception>
    public async Task TakeAsync(IReadOnlyList<StreamItem> items, TimeSpan quietPeriod, CancellationToken stop)
    {
        // All of it before anything is remembered: what fails here comes again with the next call, and must be new then.
        var committed = await UnderstandAsync(items, stop);
        var events = new List<StoredEvent>();
        var position = Position;
        var caughtUp = false;
        _isPastLoss = false;
        var redelivered = 0;
        foreach (var item in items)
        {
            _call = item.StreamTime;
            if (item is StreamItem.Keepalive keepalive)
                (position, caughtUp) = (position.AfterKeepalive(keepalive.Latest), true);
            if (item is StreamItem.Events batch)
                (position, redelivered) = Add(batch, committed, events, position, redelivered);
        }
        if (redelivered > 0)
            logger.Redelivered(org, store.Channel, redelivered);
        // Readings wait for the stream to speak (rule A2), so that it did is stored even where it said nothing new.
        var heard = items.Any(i => i is not StreamItem.Quiet);
        if (heard)
        {
            CrashPoint.Hit(CrashPoints.ReceiveBeforeStore);
            await store.AppendAsync(events, Position, position, stop);
            CrashPoint.Hit(CrashPoints.ReceiveAfterStore);
        }
        Position = position;
        if (heard)
            progress.Heard(events.Count);
        handoff.Offer(events, Mark(quietPeriod));
        if ((caughtUp || _isPastLoss) && IsLost)
            await CatchUpAsync(stop);
    }

    /// <returns>When each event was committed, as far as it can be read; in their order.</returns>
    private async Task<Queue<DateTimeOffset?>> UnderstandAsync(IReadOnlyList<StreamItem> items, CancellationToken stop)
    {
        var committed = new Queue<DateTimeOffset?>();
        foreach (var raw in items.OfType<StreamItem.Events>().SelectMany(batch => batch.List))
            committed.Enqueue(await understand(raw, stop));
        return committed;
    }

    private (ReceivedPosition, int) Add(StreamItem.Events batch, Queue<DateTimeOffset?> committed, List<StoredEvent> events, ReceivedPosition position, int redelivered)
    {
        foreach (var raw in batch.List)
        {
            var commitAt = committed.Dequeue();
            _isPastLoss |= _known is not null && commitAt > time.GetUtcNow() - Young && time.GetUtcNow() - _lostAt > NeverIdle;
            if (_resumed && commitAt < position.CommitAt - CommitTimeSlack)
                throw new ForeignStreamException(store.Channel);
            _resumed = false;
            if (!_runs.IsNew(raw))
            {
                redelivered++;
                continue;
            }
            if (_known is not null && !_known.Add(raw.EventId) && !PlantedBug.Is(PlantedBugs.KeptEventsStoredTwice))
            {
                redelivered++;
                position = position with { Resume = raw.ReplayId == position.Last ? position.Resume : position.Last, Last = raw.ReplayId };
                continue;
            }
            var stored = new StoredEvent(numbers.Next(), raw.ReplayId, raw.EventId, raw.SchemaId, raw.Payload, time.GetUtcNow());
            events.Add(stored);
            position = position.After(stored, commitAt);
        }
        return (position, redelivered);
    }

    private async Task CatchUpAsync(CancellationToken stop)
    {
        await lostPosition.CaughtUpAsync(stop);
        _known = null;
    }

    private StreamMark Mark(TimeSpan quietPeriod) => new(_calls + _call, quietPeriod, Position.ClosedEvent, _cut);
}
