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

    /// <summary>Commit times come in whole seconds and go back a little at times: what was committed so much later comes later.</summary>
    private static readonly TimeSpan Disorder = TimeSpan.FromSeconds(5);

    /// <summary>A stream that is never idle is taken for caught up when it brings what is so young, and not soon after the loss: clocks differ.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan NeverIdle = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of events that are held until it is known on which side of the loss they are; when there are more, they are taken for new.</summary>
    private const long MostHeld = 32 << 20;

    private const string Forgotten = "the events kept do not begin with those stored; some were forgotten in between";

    private readonly EventNumbers _numbers = numbers;
    private readonly string _channel = channel;
    private readonly RecentRuns _runs = new();
    private Dictionary<string, int>? _known;
    private TimeSpan _calls;
    private TimeSpan _call;
    private bool _resumed;
    private bool _repeats;
    private DateTimeOffset _lostAt;
    private bool _skips;
    private LastStored? _last;
    private LastStored? _awaited;
    private readonly Dictionary<string, int> _inRun = new(StringComparer.Ordinal);
    private readonly List<(RawEvent Raw, DateTimeOffset? CommitAt)> _held = [];
    private ReplayId _run;
    private long _heldBytes;

    /// <summary>The last event that is stored: where events that are kept come again, what comes before it is no news.</summary>
    /// <param name="IsSinceLoss">It came after the position was lost.</param>
    internal sealed record LastStored(string EventId, DateTimeOffset? CommitAt, bool IsSinceLoss);

    /// <summary>What a few items of the stream say, not stored yet.</summary>
    /// <param name="Events">Those that are new, in the order they came.</param>
    /// <param name="Position">Where the position stands once they are stored.</param>
    /// <param name="Older">Events that are not stored and older than some that are: from before the copy began, or from a gap that the stream has skipped.
    /// Readings have brought what they tell; written now it would hide what is newer.</param>
    /// <param name="IsHeard">The stream has spoken, if only to say that there is nothing.</param>
    /// <param name="IsCaughtUp">Everything that was there before a loss has come again.</param>
    internal sealed record Taken(IReadOnlyList<StoredEvent> Events, ReceivedPosition Position, int Redelivered, int Older, bool IsHeard, bool IsCaughtUp);

    public ReceivedPosition Position { get; private set; } = ReceivedPosition.Nothing;

    /// <summary>The position was lost and the stream has not been caught up with since: what comes is compared with all that is stored.</summary>
    public bool IsLost => _known is not null;

    /// <summary>Goes on from what is stored.</summary>
    /// <param name="tail">The last <see cref="Remembered"/> events up to the position.</param>
    /// <param name="known">The ids of all stored events, and how often each is stored, where the position was lost and not caught up with since.</param>
    /// <param name="last">The last event stored, if it still is, where the position was lost.</param>
    public void Start(ChannelStart start, IEnumerable<StoredEvent> tail, Dictionary<string, int>? known, LastStored? last, DateTimeOffset now)
    {
        (Position, _skips, _known, _last, _lostAt) = (start.Received, start.Skips, known, last, now);
        _awaited = start.Skips || last is { IsSinceLoss: true } ? null : last;
        foreach (var stored in tail)
            _runs.Remember(stored.ReplayId, RecentRuns.Identity(stored.EventId, stored.Payload.Span));
    }

    /// <summary>A new call is about to be made; it has to begin where this says.</summary>
    /// <param name="beginsEarliest">What has no position yet begins with everything that is kept, not with the next event.</param>
    public SubscriptionStart StartCall(DateTimeOffset now, bool beginsEarliest)
    {
        _runs.StartCall();
        _run = default;
        // What was held is not stored, so the next call brings it again.
        DropHeld();
        _calls += _call;
        _call = TimeSpan.Zero;
        var start = StartOf(Position.ResumeAt(now), beginsEarliest);
        _resumed = start.Preset == ReplayPreset.Custom;
        // Nobody refuses a call for everything that is kept: that it begins with what we have shows that nothing of it was forgotten in between.
        _repeats = start.Preset == ReplayPreset.Earliest && !Position.Last.IsEmpty && !IsLost;
        if (start.Preset == ReplayPreset.Earliest && IsLost)
            _awaited = _last;
        return start;
    }

    private SubscriptionStart StartOf(ReplayId resume, bool beginsEarliest)
    {
        if (!resume.IsEmpty)
            return SubscriptionStart.After(resume);
        // Nothing was ever followed by anything else: begin where a first start begins, or, after a loss, where the operator said.
        if (IsLost ? !_skips && !PlantedBug.Is(PlantedBugs.LatestAfterLoss) : beginsEarliest)
            return SubscriptionStart.Earliest;
        // LATEST once more would skip what came meanwhile; after the only event there is, no more than its siblings can be missing.
        return Position.Last.IsEmpty ? SubscriptionStart.Latest : SubscriptionStart.After(Position.Last);
    }

    /// <summary>The position is lost, and that is stored: from now on everything is compared with what is stored, and what is open is cut.</summary>
    /// <param name="known">The ids of all stored events, and how often each is stored.</param>
    /// <param name="last">The last event stored, if it still is.</param>
    public void Lose(bool skips, Dictionary<string, int> known, LastStored? last, DateTimeOffset now)
    {
        (_skips, _lostAt, _known, _last, _awaited) = (skips, now, known, last, skips ? null : last);
        Position = Position.AfterLoss();
    }

    /// <summary>Decides what is new; <see cref="Stored"/> says that it is stored.</summary>
    /// <param name="committed">When each event was committed, as far as that can be read; in their order.</param>
    /// <exception cref="PositionLostException">It does not go on where the position says.</exception>
    public Taken Take(IReadOnlyList<StreamItem> items, Queue<DateTimeOffset?> committed, DateTimeOffset now)
    {
        var taking = new Taking(this, now);
        var isCaughtUp = false;
        foreach (var item in items)
        {
            _call = item.StreamTime;
            if (_repeats && item is not StreamItem.Quiet)
                ShouldRepeat(item as StreamItem.Events);
            if (item is StreamItem.Keepalive keepalive)
            {
                taking.ReleaseWithout();
                taking.Position = taking.Position.AfterKeepalive(keepalive.Latest);
                isCaughtUp = true;
            }
            foreach (var raw in item is StreamItem.Events batch ? batch.List : [])
            {
                var commitAt = committed.Dequeue();
                if (IsLost && commitAt > now - Young && now - _lostAt > NeverIdle)
                {
                    isCaughtUp = true;
                    taking.Release();
                }
                if (_resumed && commitAt < taking.Position.CommitAt - CommitTimeSlack)
                    throw new PositionLostException(_channel, "the resumed stream begins before the stored position; it is another stream");
                _resumed = false;
                taking.Add(raw, commitAt);
            }
        }
        return new(taking.Events, taking.Position, taking.Redelivered, taking.Older, items.Any(i => i is not StreamItem.Quiet), isCaughtUp && IsLost);
    }

    /// <summary>What has come of a few items so far.</summary>
    private sealed class Taking(Reception reception, DateTimeOffset now)
    {
        public List<StoredEvent> Events { get; } = [];

        public ReceivedPosition Position { get; set; } = reception.Position;

        public int Redelivered { get; private set; }

        public int Older { get; private set; }

        public void Add(RawEvent raw, DateTimeOffset? commitAt)
        {
            // Asked of each, in their order: siblings may share an event id as they share a replay id.
            var isKnown = reception.Occurrence(raw) <= (reception._known?.GetValueOrDefault(raw.EventId) ?? 0)
                || (PlantedBug.Is(PlantedBugs.SiblingsShareFate) && reception._known?.ContainsKey(raw.EventId) == true);
            if (!reception._runs.IsNew(raw) && !PlantedBug.Is(PlantedBugs.RunsForgotten))
                CountStored(raw);
            else if (reception.IsLost && PlantedBug.Is(PlantedBugs.KeptEventsStoredTwice))
                Store(raw, commitAt);
            else if (isKnown)
                Repeat(raw);
            else if (reception._awaited is { } last && !PlantedBug.Is(PlantedBugs.OlderEventsApplied))
                Await(last, raw, commitAt);
            else
                Store(raw, commitAt);
        }

        /// <summary>The last event that is stored is not kept any more: all that comes is news.</summary>
        public void ReleaseWithout()
        {
            if (reception._awaited is { IsSinceLoss: true })
                throw new PositionLostException(reception._channel, Forgotten);
            Release();
        }

        /// <summary>Those that are held are taken for news.</summary>
        public void Release()
        {
            foreach (var (raw, commitAt) in reception._held)
                Store(raw, commitAt);
            reception.DropHeld();
            reception._awaited = null;
        }

        private void Repeat(RawEvent raw)
        {
            CountStored(raw);
            reception.Remember(raw);
            // What is held is not stored: a call that ends now has to bring it again.
            if (reception._held.Count == 0)
                Position = Position.Past(raw.ReplayId);
        }

        private void CountStored(RawEvent raw)
        {
            Redelivered++;
            if (raw.EventId != reception._awaited?.EventId)
                return;
            Older += reception._held.Count;
            reception.DropHeld();
            reception._awaited = null;
        }

        private void Await(LastStored last, RawEvent raw, DateTimeOffset? commitAt)
        {
            if (commitAt < last.CommitAt - CommitTimeSlack)
            {
                Older++;
                return;
            }
            if (commitAt > last.CommitAt + Disorder)
                ReleaseWithout();
            if (reception._heldBytes > MostHeld)
                Release();
            if (reception._awaited is null)
            {
                Store(raw, commitAt);
                return;
            }
            reception._held.Add((raw, commitAt));
            reception._heldBytes += raw.Payload.Length + 512;
        }

        private void Store(RawEvent raw, DateTimeOffset? commitAt)
        {
            if (reception._known is { } known)
                known[raw.EventId] = known.GetValueOrDefault(raw.EventId) + 1;
            reception.Remember(raw);
            var stored = new StoredEvent(reception._numbers.Next(), raw.ReplayId, raw.EventId, raw.SchemaId, raw.Payload, now);
            Events.Add(stored);
            reception._last = new(raw.EventId, commitAt, IsSinceLoss: true);
            Position = Position.After(stored, commitAt);
        }
    }

    /// <summary>How often this event id has come with this replay id, this time included.</summary>
    private int Occurrence(RawEvent raw)
    {
        if (raw.ReplayId != _run)
            _inRun.Clear();
        _run = raw.ReplayId;
        return _inRun[raw.EventId] = _inRun.GetValueOrDefault(raw.EventId) + 1;
    }

    private void Remember(RawEvent raw) => _runs.Remember(raw.ReplayId, RecentRuns.Identity(raw.EventId, raw.Payload.Span));

    private void DropHeld()
    {
        _held.Clear();
        _heldBytes = 0;
    }

    private void ShouldRepeat(StreamItem.Events? first)
    {
        if (PlantedBug.Is(PlantedBugs.ForgottenUnnoticed))
            return;
        if (first is null || !(_runs.Knows(first.List[0].ReplayId) || _known?.ContainsKey(first.List[0].EventId) == true))
            throw new PositionLostException(_channel, Forgotten);
        _repeats = false;
    }

    /// <summary>What was taken is stored.</summary>
    public void Stored(Taken taken) => Position = taken.Position;

    /// <summary>The stream has been read to its end since the loss, and that is stored: from here on it is an ordinary one.</summary>
    public void CaughtUp() => _known = null;

    /// <summary>What is known of the stream now.</summary>
    public StreamMark Mark(TimeSpan quietPeriod) => new(_calls + _call, quietPeriod, Position.ClosedEvent, Position.Cuts);
}
