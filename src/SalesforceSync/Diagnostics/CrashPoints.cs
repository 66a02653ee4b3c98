namespace SalesforceSync.Diagnostics;

/// <summary>The names of all crash points: each has a crash test that kills the worker there and compares the copy with the truth.</summary>
internal static class CrashPoints
{
    /// <summary>Receive: events have come and nothing of them is stored.</summary>
    public const string ReceiveBeforeStore = "receive.before-store";

    /// <summary>Receive: events and the received position are committed, and nobody has been told.</summary>
    public const string ReceiveAfterStore = "receive.after-store";

    /// <summary>Apply: a table is about to be made or to get a column.</summary>
    public const string ApplyBeforeSchema = "apply.before-schema";

    /// <summary>Apply: the rows are written, the applied position is not moved.</summary>
    public const string ApplyBeforePosition = "apply.before-position";

    /// <summary>Apply: rows and position are written and not committed.</summary>
    public const string ApplyBeforeCommit = "apply.before-commit";

    /// <summary>Apply: committed, and nothing in memory knows.</summary>
    public const string ApplyAfterCommit = "apply.after-commit";

    /// <summary>Lease: taken over and committed, the position not yet read.</summary>
    public const string LeaseAfterTakeOver = "lease.after-take-over";

    /// <summary>Snapshot: a reading has its anchor and no job.</summary>
    public const string SnapshotAfterBegin = "snapshot.after-begin";

    /// <summary>Snapshot: a Bulk job is made and remembered.</summary>
    public const string SnapshotAfterJob = "snapshot.after-job";

    /// <summary>Snapshot, sweep: a part of what was read is merged, and not committed.</summary>
    public const string MergeBeforeCommit = "merge.before-commit";

    /// <summary>Repair: fetched records are merged, and not committed.</summary>
    public const string RepairBeforeCommit = "repair.before-commit";

    /// <summary>Snapshot: a part of a page is merged and committed.</summary>
    public const string SnapshotAfterPart = "snapshot.after-part";

    /// <summary>Snapshot: everything is merged, the reading is not closed.</summary>
    public const string SnapshotBeforeClose = "snapshot.before-close";

    public static IReadOnlyList<string> All { get; } =
    [
        ReceiveBeforeStore, ReceiveAfterStore, ApplyBeforeSchema, ApplyBeforePosition, ApplyBeforeCommit, ApplyAfterCommit, LeaseAfterTakeOver,
        SnapshotAfterBegin, SnapshotAfterJob, MergeBeforeCommit, RepairBeforeCommit, SnapshotAfterPart, SnapshotBeforeClose,
    ];
}
