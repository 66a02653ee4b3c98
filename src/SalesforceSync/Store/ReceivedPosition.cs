using SalesforceSync.Diagnostics;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Store;

/// <summary>
/// How far a channel has been received; immutable, moved by what the stream says. Two ids are kept because enriched siblings share one:
/// a stream is resumed only after an id that a different id or an empty response has followed, so a cut between siblings loses none.
/// </summary>
/// <param name="Event">Number of the last event stored.</param>
/// <param name="Resume">The id to resume with; empty until two different ids, or an empty response, have been seen.</param>
/// <param name="Last">The id of the last event stored.</param>
/// <param name="Idle">The id of the last empty response: how far the stream is, beyond what we were sent.</param>
/// <param name="ClosedEvent">The last event that an empty response followed: everything up to it belongs to finished transactions.</param>
/// <param name="CommitAt">Greatest Salesforce commit time received.</param>
/// <param name="SpokeAt">When the last event was received.</param>
/// <param name="Cuts">The last events before positions that were lost while something was open, ascending.</param>
internal sealed record ReceivedPosition(
    long Event, ReplayId Resume, ReplayId Last, ReplayId Idle, long ClosedEvent, DateTimeOffset? CommitAt, DateTimeOffset? SpokeAt, IReadOnlyList<long> Cuts)
{
    /// <summary>Salesforce keeps events for 72 hours; an id older than this is exchanged for the newer one of an empty response.</summary>
    private static readonly TimeSpan TooOld = TimeSpan.FromHours(48);

    public static ReceivedPosition Nothing { get; } = new(0, default, default, default, 0, null, null, []);

    /// <summary>The position after one more stored event.</summary>
    public ReceivedPosition After(StoredEvent stored, DateTimeOffset? commitAt)
    {
        var resume = PlantedBug.Is(PlantedBugs.ResumeAfterLast) ? stored.ReplayId : stored.ReplayId == Last ? Resume : Last;
        return this with
        {
            Event = stored.Number,
            Resume = resume,
            Last = stored.ReplayId,
            // The stream was there before this event was: only while there is nothing better is it good to resume from, and it may soon not be kept any more.
            Idle = resume.IsEmpty ? Idle : default,
            CommitAt = commitAt > CommitAt || CommitAt is null ? commitAt : CommitAt,
            SpokeAt = stored.ReceivedAt,
        };
    }

    /// <summary>The position after an event that comes again and is stored already.</summary>
    public ReceivedPosition Past(ReplayId again) => this with { Resume = again == Last ? Resume : Last, Last = again };

    /// <summary>The position after an empty response, when everything before it is stored.</summary>
    public ReceivedPosition AfterKeepalive(ReplayId latest) => this with { Resume = Last, Idle = latest, ClosedEvent = Event };

    /// <summary>The position after it was lost: nothing to resume from, and nothing that is open becomes whole any more.</summary>
    public ReceivedPosition AfterLoss() => Nothing with { Event = Event, ClosedEvent = Event, Cuts = ClosedEvent < Event ? [.. Cuts, Event] : Cuts };

    /// <summary>The id to hand to CUSTOM now, or an empty one when there is none yet.</summary>
    public ReplayId ResumeAt(DateTimeOffset now)
    {
        if (!Idle.IsEmpty && (Resume.IsEmpty || now - SpokeAt > TooOld || PlantedBug.Is(PlantedBugs.IdleIdTooSoon)))
            return Idle;
        return Resume;
    }
}
