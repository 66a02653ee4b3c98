using Eventbus.V1;
using SalesforceSync.Diagnostics;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Receive;

/// <summary>
/// What of a channel's stream is new, and where its position stands after it: decides, and touches nothing. Everything it holds follows from what is stored;
/// after a commit whose outcome is not known it is thrown away. One per channel, used by its receive loop.
/// </summary>
internal sealed class Reception(EventNumbers numbers, string channel)
{
    /// <summary>How many of the last stored events are remembered at a start, so that a run that comes again is known.</summary>
    public const int Remembered = 2_000;

    /// <summary>Long transactions commit late and carry older stamps; what is older than this is another stream.</summary>
    private static readonly TimeSpan CommitTimeSlack = TimeSpan.FromMinutes(30);

    /// <summary>A stream that is never idle is taken for caught up when it brings what is so young, and not soon after the loss: clocks differ.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan NeverIdle = TimeSpan.FromMinutes(10);

    private readonly RecentRuns _runs = new();
    private HashSet<string>? _known;
    private TimeSpan _calls;
    private TimeSpan _call;
    private bool _resumed;
    private bool _repeats;
    private DateTimeOffset _lostAt;
    private bool _skips;

    /// <summary>What a few items of the stream say, not stored yet.</summary>
    /// <param name="Events">Those that are new, in the order they came.</param>
    /// <param name="Position">Where the position stands once they are stored.</param>
    /// <param name="IsHeard">The stream has spoken, if only to say that there is nothing.</param>
    /// <param name="IsCaughtUp">Everything that was there before a loss has come again.</param>
    internal sealed record Taken(IReadOnlyList<StoredEvent> Events, ReceivedPosition Position, int Redelivered, bool IsHeard, bool IsCaughtUp);

    public ReceivedPosition Position { get; private set; } = ReceivedPosition.Nothing;

    /// <summary>The position was lost and the stream has not been caught up with since: what comes is compared with all that is stored.</summary>
    public bool IsLost => _known is not null;

    /// <summary>Goes on from what is stored.</summary>
    /// <param name="tail">The last <see cref="Remembered"/> events up to the position.</param>
    /// <param name="known">The ids of all stored events where the position was lost and not caught up with since.</param>
    public void Start(ChannelStart start, IEnumerable<StoredEvent> tail, HashSet<string>? known, DateTimeOffset now)
    {
        (Position, _skips, _known, _lostAt) = (start.Received, start.Skips, known, now);
        foreach (var stored in tail)
            _runs.Remember(stored.ReplayId, RecentRuns.Identity(stored.EventId, stored.Payload.Span));
    }

    /// <summary>A new call is about to be made; it has to begin where this says.</summary>
    /// <param name="beginsEarliest">What has no position yet begins with everything that is kept, not with the next event.</param>
    public SubscriptionStart StartCall(DateTimeOffset now, bool beginsEarliest)
    {
        _runs.StartCall();
        _calls += _call;
        _call = TimeSpan.Zero;
        var start = StartOf(Position.ResumeAt(now), beginsEarliest);
        _resumed = start.Preset == ReplayPreset.Custom;
        // Nobody refuses a call for everything that is kept: that it begins with what we have shows that nothing of it was forgotten in between.
        _repeats = start.Preset == ReplayPreset.Earliest && !Position.Last.IsEmpty;
        return start;
    }

    private SubscriptionStart StartOf(ReplayId resume, bool beginsEarliest)
    {
        if (!resume.IsEmpty)
            return SubscriptionStart.After(resume);
        // Nothing was ever followed by anything else: begin where a first start begins, or, after a loss, where the operator said.
        if (IsLost ? !_skips : beginsEarliest)
            return SubscriptionStart.Earliest;
        // LATEST once more would skip what came meanwhile; after the only event there is, no more than its siblings can be missing.
        return Position.Last.IsEmpty ? SubscriptionStart.Latest : SubscriptionStart.After(Position.Last);
    }

    /// <summary>The position is lost, and that is stored: from now on everything is compared with what is stored, and what is open is cut.</summary>
    /// <param name="known">The ids of all stored events.</param>
    public void Lose(bool skips, HashSet<string> known, DateTimeOffset now)
    {
        (_skips, _lostAt, _known) = (skips, now, known);
        Position = Position.AfterLoss();
    }

    /// <summary>Decides what is new; <see cref="Stored"/> says that it is stored.</summary>
    /// <param name="committed">When each event was committed, as far as that can be read; in their order.</param>
    /// <exception cref="PositionLostException">It does not go on where the position says.</exception>
    public Taken Take(IReadOnlyList<StreamItem> items, Queue<DateTimeOffset?> committed, DateTimeOffset now)
    {
        var (events, position, redelivered, isCaughtUp) = (new List<StoredEvent>(), Position, 0, false);
        foreach (var item in items)
        {
            _call = item.StreamTime;
            if (_repeats && item is not StreamItem.Quiet)
                ShouldRepeat(item as StreamItem.Events);
            if (item is StreamItem.Keepalive keepalive)
                (position, isCaughtUp) = (position.AfterKeepalive(keepalive.Latest), true);
            if (item is not StreamItem.Events batch)
                continue;
            foreach (var raw in batch.List)
            {
                var commitAt = committed.Dequeue();
                isCaughtUp |= IsLost && commitAt > now - Young && now - _lostAt > NeverIdle;
                if (_resumed && commitAt < position.CommitAt - CommitTimeSlack)
                    throw new PositionLostException(channel, "the resumed stream begins before the stored position; it is another stream");
                _resumed = false;
                if (!_runs.IsNew(raw))
                {
                    redelivered++;
                }
                else if (_known is not null && !_known.Add(raw.EventId) && !PlantedBug.Is(PlantedBugs.KeptEventsStoredTwice))
                {
                    redelivered++;
                    position = position.Past(raw.ReplayId);
                }
                else
                {
                    var stored = new StoredEvent(numbers.Next(), raw.ReplayId, raw.EventId, raw.SchemaId, raw.Payload, now);
                    events.Add(stored);
                    position = position.After(stored, commitAt);
                }
            }
        }
        return new(events, position, redelivered, items.Any(i => i is not StreamItem.Quiet), isCaughtUp && IsLost);
    }

    private void ShouldRepeat(StreamItem.Events? first)
    {
        if (first is null || !(_runs.Knows(first.List[0].ReplayId) || _known?.Contains(first.List[0].EventId) == true))
            throw new PositionLostException(channel, "the events kept do not begin with those stored; some were forgotten in between");
        _repeats = false;
    }

    /// <summary>What was taken is stored.</summary>
    public void Stored(Taken taken) => Position = taken.Position;

    /// <summary>The stream has been read to its end since the loss, and that is stored: from here on it is an ordinary one.</summary>
    public void CaughtUp() => _known = null;

    /// <summary>What is known of the stream now.</summary>
    public StreamMark Mark(TimeSpan quietPeriod) => new(_calls + _call, quietPeriod, Position.ClosedEvent, Position.Cuts);
}
