namespace SalesforceSync.Diagnostics;

/// <summary>
/// The names of all rules that can be left out, each with the rule, or the promise of docs/guarantees.md, that it breaks. What finds each of them out: LeftOutRulesTests, StreamRulesTests, PlantedRulesTests.
/// </summary>
internal static class PlantedBugs
{
    /// <summary>A3: the applied position is committed before the rows it stands for.</summary>
    public const string PositionBeforeRows = "position-before-rows";

    /// <summary>A2: what a reading brought is merged without waiting for what was received while it was read.</summary>
    public const string MergedTooEarly = "merged-too-early";

    /// <summary>A2: a merge overwrites what events wrote after its anchor.</summary>
    public const string EventsAfterAnchorLose = "events-after-anchor-lose";

    /// <summary>A2: a merge overwrites what a reading that began later has brought.</summary>
    public const string LaterReadingLoses = "later-reading-loses";

    /// <summary>A2: existence is no column: who exists is what was merged last.</summary>
    public const string ExistenceUntouched = "existence-untouched";

    /// <summary>A2: what is deleted while a reading is open is not noted.</summary>
    public const string DeletesTouchNothing = "deletes-touch-nothing";

    /// <summary>A2, D3: a text difference that was not applied counts as written.</summary>
    public const string UnfitDiffTouches = "unfit-diff-touches";

    /// <summary>A2: the notes are dropped when one reading closes though another is open.</summary>
    public const string TouchesDroppedEarly = "touches-dropped-early";

    /// <summary>B1: that events were forgotten before there was a position to resume from is not noticed.</summary>
    public const string ForgottenUnnoticed = "forgotten-unnoticed";

    /// <summary>B2: a stream is resumed after the last id, though more events may have it.</summary>
    public const string ResumeAfterLast = "resume-after-last";

    /// <summary>B2: what comes again is stored again.</summary>
    public const string RunsForgotten = "runs-forgotten";

    /// <summary>B2, B5: of events that share their ids one stands for all.</summary>
    public const string SiblingsShareFate = "siblings-share-fate";

    /// <summary>B3: a stream is resumed with the id of an empty response though the last event's is young.</summary>
    public const string IdleIdTooSoon = "idle-id-too-soon";

    /// <summary>B4: an event whose schema cannot be had is passed over.</summary>
    public const string SchemaPassedOver = "schema-passed-over";

    /// <summary>B6: calls that fail are made again without waiting longer.</summary>
    public const string NoBackOff = "no-back-off";

    /// <summary>B8: stored events are dropped though something still needs them.</summary>
    public const string NeededEventsDropped = "needed-events-dropped";

    /// <summary>C3: that keys of transactions alternate is not noticed.</summary>
    public const string AlternatingUnnoticed = "alternating-unnoticed";

    /// <summary>C4: what comes late is written over what is newer.</summary>
    public const string LateOverNewer = "late-over-newer";

    /// <summary>C5: the events of a transaction are applied as they came, not by sequence number.</summary>
    public const string InOrderOfArrival = "in-order-of-arrival";

    /// <summary>C6: a transaction is held in memory whatever its size.</summary>
    public const string NeverReleased = "never-released";

    /// <summary>D1: all that an update carries is written, enrichment and nulls too.</summary>
    public const string EverythingWritten = "everything-written";

    /// <summary>D4: records of parked events are not fetched.</summary>
    public const string ParkedForgotten = "parked-forgotten";

    /// <summary>D5: a person's name is taken from what was read.</summary>
    public const string NameAsRead = "name-as-read";

    /// <summary>D6: a number that may have been rounded on its way is believed.</summary>
    public const string RoundedBelieved = "rounded-believed";

    /// <summary>D7: a field created anew under an old name is taken for the old one.</summary>
    public const string FieldIdIgnored = "field-id-ignored";

    /// <summary>B5: a transaction that the loss has cut counts as whole.</summary>
    public const string CutUnnoticed = "cut-unnoticed";

    /// <summary>C1: events that are read back count as having come when the stream was last looked at.</summary>
    public const string ReadBackIsSilence = "read-back-is-silence";

    /// <summary>C1: the position is moved into the middle of a transaction.</summary>
    public const string PositionInside = "position-inside";

    /// <summary>C2: a gap event with a key of its own closes what is open.</summary>
    public const string GapCloses = "gap-closes";

    /// <summary>B5: a lost position leaves no gap behind.</summary>
    public const string LossWithoutGap = "loss-without-gap";

    /// <summary>B5: events that are kept and stored already are stored once more.</summary>
    public const string KeptEventsStoredTwice = "kept-events-stored-twice";

    /// <summary>B5: events from before the copy began, which come with those that are kept, are applied on top of what is newer.</summary>
    public const string OlderEventsApplied = "older-events-applied";

    /// <summary>B5: a reading goes on over the loss of the position, and proves what came before the loss.</summary>
    public const string ReadingSurvivesLoss = "reading-survives-loss";

    /// <summary>B5: the records of a transaction that the loss has cut are not fetched.</summary>
    public const string CutTransactionForgotten = "cut-transaction-forgotten";

    /// <summary>B5, D8, E7: what is read since a gap begins with the gap, not 30 minutes before it.</summary>
    public const string NoSlackBeforeGap = "no-slack-before-gap";

    /// <summary>B7: that a field is hidden is not noticed.</summary>
    public const string HiddenFieldUnnoticed = "hidden-field-unnoticed";

    /// <summary>B7: an object that is not visible any more leaves no gap.</summary>
    public const string FrozenWithoutGap = "frozen-without-gap";

    /// <summary>B7: what is copied in addition has no past.</summary>
    public const string WidenedWithoutGap = "widened-without-gap";

    /// <summary>D3, E5: a difference is applied without looking whether it makes what it says.</summary>
    public const string DiffUnchecked = "diff-unchecked";

    /// <summary>D3: a difference that does not fit is forgotten.</summary>
    public const string UnfitDiffForgotten = "unfit-diff-forgotten";

    /// <summary>E1: the anchor is what was received when the reading ended.</summary>
    public const string AnchorAtEnd = "anchor-at-end";

    /// <summary>E2: a record that a reading does not show is taken for gone.</summary>
    public const string AbsenceBelieved = "absence-believed";

    /// <summary>E3: what was deleted before a reading began stays deleted, whatever it shows.</summary>
    public const string OldTombstonesBlock = "old-tombstones-block";

    /// <summary>E4: a gap event of a delete deletes.</summary>
    public const string GapDeletes = "gap-deletes";

    /// <summary>E4: a reading closes repairs that events asked for after it began.</summary>
    public const string ReadingClosesNewerRepairs = "reading-closes-newer-repairs";

    /// <summary>E4: a repair is closed though a column was skipped for an event that is older than the reading.</summary>
    public const string SkippedColumnCloses = "skipped-column-closes";

    /// <summary>E6: what is known only in part is never completed.</summary>
    public const string StubsStay = "stubs-stay";

    /// <summary>E6: a record that lives again without a word counts as whole by a reading from before it was deleted.</summary>
    public const string RevivedByOlderReading = "revived-by-older-reading";

    /// <summary>E8: a sweep does not look for what is here and not there.</summary>
    public const string SweepMissesAbsent = "sweep-misses-absent";

    /// <summary>E8: a sweep does not look for what is there and not here.</summary>
    public const string SweepMissesUnknown = "sweep-misses-unknown";

    /// <summary>E8: a sweep does not look at stamps.</summary>
    public const string SweepMissesStamps = "sweep-misses-stamps";

    /// <summary>E9: a job that failed is waited for.</summary>
    public const string FailedJobAwaited = "failed-job-awaited";

    /// <summary>E9: an object is described once and for all.</summary>
    public const string StaleDescribe = "stale-describe";

    /// <summary>E10: children of records that went are not looked at.</summary>
    public const string ChildrenForgotten = "children-forgotten";

    /// <summary>E11: calls leave without being booked.</summary>
    public const string CallsUnbooked = "calls-unbooked";

    /// <summary>A1: a transaction does not look whether the org is still its own.</summary>
    public const string WriterUnfenced = "writer-unfenced";

    /// <summary>A1: what was received is stored whoever owns the org.</summary>
    public const string StoreUnfenced = "store-unfenced";

    /// <summary>A3: where commits are asynchronous, a take-over is too.</summary>
    public const string TakeOverNotFlushed = "take-over-not-flushed";

    /// <summary>A3: where commits are asynchronous, keeping a new refresh token is too.</summary>
    public const string TokenNotFlushed = "token-not-flushed";

    /// <summary>A3: where commits are asynchronous, booking a call is too.</summary>
    public const string CallNotFlushed = "call-not-flushed";

    /// <summary>B1: a call does not say where it begins.</summary>
    public const string PresetUnsaid = "preset-unsaid";

    /// <summary>B5: after a loss the stream goes on with the next event, whatever was chosen.</summary>
    public const string LatestAfterLoss = "latest-after-loss";

    /// <summary>B6: a stream that says nothing is waited for as long as its connection stands.</summary>
    public const string SilenceUnnoticed = "silence-unnoticed";

    /// <summary>B6: a call that is left is not ended.</summary>
    public const string OldCallKept = "old-call-kept";

    /// <summary>D1: the fields of an event are those beside the flagged ones.</summary>
    public const string BitmapShifted = "bitmap-shifted";

    /// <summary>D2: changes are written in the order of their commit numbers.</summary>
    public const string ByCommitNumber = "by-commit-number";

    /// <summary>D2: changes are written in the order of their commit times.</summary>
    public const string ByCommitTime = "by-commit-time";

    /// <summary>D2, D9: of what is written together, deletes come last.</summary>
    public const string DeletesLast = "deletes-last";

    /// <summary>D4: what cannot be read is passed over.</summary>
    public const string PoisonSkipped = "poison-skipped";

    /// <summary>D4: what is parked is committed before the position moves.</summary>
    public const string ParkedOutsideCommit = "parked-outside-commit";

    /// <summary>E2: a reading ends with the first page of its results.</summary>
    public const string FirstPageOnly = "first-page-only";

    /// <summary>E2: a page that has fewer rows than it says is taken for whole.</summary>
    public const string RowsUncounted = "rows-uncounted";

    /// <summary>E2: a reading of fewer rows than Salesforce has counted is taken for whole.</summary>
    public const string JobRowsUncounted = "job-rows-uncounted";

    /// <summary>F1: a take-over does not raise the epoch.</summary>
    public const string EpochKept = "epoch-kept";

    /// <summary>F1: a take-over leaves the positions to the one before.</summary>
    public const string CursorsKept = "cursors-kept";

    /// <summary>F1: whether a lease has run out is told by the clock of this machine.</summary>
    public const string LocalClockJudges = "local-clock-judges";

    /// <summary>F2: a commit that was not answered is taken for done.</summary>
    public const string UnknownTakenForDone = "unknown-taken-for-done";

    /// <summary>F2: what a commit that was not answered has written is written again, without a look at the position.</summary>
    public const string UnknownWrittenAgain = "unknown-written-again";

    /// <summary>G5: events are stored with the values that are to be masked.</summary>
    public const string StoredUnmasked = "stored-unmasked";

    /// <summary>G5: an event that cannot be read is kept as it came, though its object has masks.</summary>
    public const string UnreadableKept = "unreadable-kept";

    /// <summary>Promise 3: that a loop has failed is not noticed.</summary>
    public const string FailureSwallowed = "failure-swallowed";

    /// <summary>Promise 21: the access token is in the log.</summary>
    public const string TokenLogged = "token-logged";

    public static IReadOnlyList<string> All { get; } =
    [
        PositionBeforeRows, MergedTooEarly, EventsAfterAnchorLose, LaterReadingLoses, ExistenceUntouched, DeletesTouchNothing, UnfitDiffTouches, TouchesDroppedEarly,
        ForgottenUnnoticed, ResumeAfterLast, RunsForgotten, SiblingsShareFate, CutUnnoticed, ReadBackIsSilence, PositionInside, GapCloses,
        IdleIdTooSoon, SchemaPassedOver, NoBackOff, NeededEventsDropped, AlternatingUnnoticed, LateOverNewer, InOrderOfArrival, NeverReleased, EverythingWritten,
        ParkedForgotten, NameAsRead, RoundedBelieved, FieldIdIgnored,
        LossWithoutGap, KeptEventsStoredTwice, OlderEventsApplied, ReadingSurvivesLoss, CutTransactionForgotten, NoSlackBeforeGap, HiddenFieldUnnoticed, FrozenWithoutGap, WidenedWithoutGap,
        DiffUnchecked, UnfitDiffForgotten, AnchorAtEnd, AbsenceBelieved, OldTombstonesBlock, GapDeletes, ReadingClosesNewerRepairs, SkippedColumnCloses, StubsStay, RevivedByOlderReading,
        SweepMissesAbsent, SweepMissesUnknown, SweepMissesStamps, FailedJobAwaited, StaleDescribe, ChildrenForgotten, CallsUnbooked,
        WriterUnfenced, StoreUnfenced, TakeOverNotFlushed, TokenNotFlushed, CallNotFlushed, PresetUnsaid, LatestAfterLoss, SilenceUnnoticed, OldCallKept,
        BitmapShifted, ByCommitNumber, ByCommitTime, DeletesLast, PoisonSkipped, ParkedOutsideCommit, FirstPageOnly, RowsUncounted, JobRowsUncounted,
        EpochKept, CursorsKept, LocalClockJudges, UnknownTakenForDone, UnknownWrittenAgain, StoredUnmasked, UnreadableKept, FailureSwallowed, TokenLogged,
    ];
}
