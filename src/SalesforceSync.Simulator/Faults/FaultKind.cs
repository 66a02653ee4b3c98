namespace SalesforceSync.Simulator.Faults;

/// <summary>What can go wrong on order.</summary>
public enum FaultKind
{
    /// <summary>The TCP connection is closed under the stream.</summary>
    Drop,

    /// <summary>RST_STREAM on the stream, the connection lives.</summary>
    Reset,

    /// <summary>GOAWAY on the connection, then the stream ends cleanly.</summary>
    GoAway,

    /// <summary>The stream ends with OK, as after a server's half-close.</summary>
    CleanEnd,

    /// <summary>Nothing is written any more, nothing is closed either.</summary>
    Silence,

    /// <summary>The stream ends with an error code.</summary>
    StreamError,

    /// <summary>The last batch is delivered once more.</summary>
    DuplicateBatch,

    /// <summary>Every response waits.</summary>
    SlowDown,

    /// <summary>Subscribe is answered with an error code.</summary>
    RefuseSubscribe,

    /// <summary>GetSchema is answered with an error code.</summary>
    FailGetSchema,

    /// <summary>The token endpoint answers with an error.</summary>
    FailToken,

    /// <summary>All access tokens become invalid, at once.</summary>
    ExpireTokens,

    /// <summary>All events so far are forgotten as after 72 hours, and their replay ids refused, at once.</summary>
    ExpireReplayIds,

    /// <summary>All replay ids so far are refused although the events are still there, as after a move of the org, at once.</summary>
    VoidReplayIds,

    /// <summary>Commit numbers fall back once and rise from there, as after a migration of the database, at once.</summary>
    FallBackCommitNumbers,

    /// <summary>The events of a commit come onto the bus later than its records change, by the order's delay; each time is one commit.</summary>
    DelayEvents,

    /// <summary>The events of a commit are never delivered; each time is one commit.</summary>
    LoseEvents,

    /// <summary>The next query job made fails.</summary>
    FailBulkJob,

    /// <summary>The next query job made stays in progress for ever.</summary>
    HangBulkJob,

    /// <summary>The next query job made is aborted by somebody.</summary>
    AbortBulkJob,

    /// <summary>The connection breaks in the middle of a page of results.</summary>
    CutResultPage,

    /// <summary>A page of results ends well but has a row less than announced.</summary>
    ShortResultPage,

    /// <summary>The next query job does not see the oldest record that it should.</summary>
    LeaveOutRecord,

    /// <summary>A query job is not known any more when next asked for.</summary>
    ExpireBulkJob,

    /// <summary>A locator of results is not known any more.</summary>
    ExpireLocator,

    /// <summary>resultPages is not there, as in an older release.</summary>
    NoResultPages,

    /// <summary>A REST request is answered with 503.</summary>
    RestUnavailable,

    /// <summary>A REST request is answered with 401 although the token is good.</summary>
    RestUnauthorized,

    /// <summary>A REST request waits before it is answered.</summary>
    SlowRest,

    /// <summary>A REST request is answered as if the daily allowance were used up.</summary>
    RestLimitExceeded,

    /// <summary>The Tooling API is refused to this user.</summary>
    RefuseTooling
}
