namespace SalesforceSync.Diagnostics;

/// <summary>The names of all crash points: each has a crash test that kills the program there and compares the copy with the truth.</summary>
internal static class CrashPoints
{
    /// <summary>Migrations: all of them have run, and none is committed.</summary>
    public const string MigrateBeforeCommit = "migrate.before-commit";

    /// <summary>Migrations: committed, and nothing in memory knows.</summary>
    public const string MigrateAfterCommit = "migrate.after-commit";

    /// <summary>Lease: the epoch is raised, and not committed.</summary>
    public const string LeaseBeforeTakeOver = "lease.before-take-over";

    /// <summary>Lease: taken over and committed, the position not yet read.</summary>
    public const string LeaseAfterTakeOver = "lease.after-take-over";

    /// <summary>Lease: it is about to be renewed.</summary>
    public const string LeaseBeforeRenewal = "lease.before-renewal";

    /// <summary>Lease: renewed, and nothing in memory knows.</summary>
    public const string LeaseAfterRenewal = "lease.after-renewal";

    /// <summary>A call is booked and has not left.</summary>
    public const string CallAfterBooking = "call.after-booking";

    /// <summary>A call was answered, and how is not noted.</summary>
    public const string CallBeforeSettling = "call.before-settling";

    /// <summary>Receive: a schema was fetched and is not saved; its events are not stored.</summary>
    public const string SchemaBeforeSave = "schema.before-save";

    /// <summary>Receive: a schema is saved; its events are not stored.</summary>
    public const string SchemaAfterSave = "schema.after-save";

    /// <summary>Receive: events have come and nothing of them is stored.</summary>
    public const string ReceiveBeforeStore = "receive.before-store";

    /// <summary>Receive: events and the received position are committed, and nobody has been told.</summary>
    public const string ReceiveAfterStore = "receive.after-store";

    /// <summary>Receive: the gap of a lost position is written, and not committed.</summary>
    public const string LossBeforeCommit = "loss.before-commit";

    /// <summary>Receive: the gap of a lost position is committed; the stream is not read again yet.</summary>
    public const string LossAfterCommit = "loss.after-commit";

    /// <summary>Apply: transactions are complete, and nothing of them is written.</summary>
    public const string ApplyBeforeBegin = "apply.before-begin";

    /// <summary>Apply: numbers are taken and the org is held; no row is written.</summary>
    public const string ApplyBeforeRows = "apply.before-rows";

    /// <summary>Apply: a table is about to be made or to get a column.</summary>
    public const string ApplyBeforeSchema = "apply.before-schema";

    /// <summary>Apply: a table was made or has got a column, and nobody has written that down.</summary>
    public const string ApplyAfterSchema = "apply.after-schema";

    /// <summary>Apply: the rows are written, the applied position is not moved.</summary>
    public const string ApplyBeforePosition = "apply.before-position";

    /// <summary>Apply: rows and position are written and not committed.</summary>
    public const string ApplyBeforeCommit = "apply.before-commit";

    /// <summary>Apply: committed, and nothing in memory knows.</summary>
    public const string ApplyAfterCommit = "apply.after-commit";

    /// <summary>Snapshot: a reading has its anchor and no job.</summary>
    public const string SnapshotAfterBegin = "snapshot.after-begin";

    /// <summary>Snapshot: a Bulk job is made, and nobody remembers it.</summary>
    public const string SnapshotBeforeJobNoted = "snapshot.before-job-noted";

    /// <summary>Snapshot: a Bulk job is made and remembered.</summary>
    public const string SnapshotAfterJob = "snapshot.after-job";

    /// <summary>Snapshot: everything is read at Salesforce, no row is merged.</summary>
    public const string SnapshotAfterEnd = "snapshot.after-end";

    /// <summary>Snapshot, sweep: a part of what was read is merged, and not committed.</summary>
    public const string MergeBeforeCommit = "merge.before-commit";

    /// <summary>Snapshot: a part of a page is merged and committed.</summary>
    public const string SnapshotAfterPart = "snapshot.after-part";

    /// <summary>Snapshot: everything is merged, the reading is not closed.</summary>
    public const string SnapshotBeforeClose = "snapshot.before-close";

    /// <summary>Snapshot, sweep, repair: a reading is closed; what it noted for itself is not cleared away.</summary>
    public const string SnapshotAfterClose = "snapshot.after-close";

    /// <summary>Repair: records are due and their reading has begun; nothing is fetched.</summary>
    public const string RepairAfterBegin = "repair.after-begin";

    /// <summary>Repair: records are fetched, in memory alone.</summary>
    public const string RepairAfterFetch = "repair.after-fetch";

    /// <summary>Repair: fetched records are merged, and not committed.</summary>
    public const string RepairBeforeCommit = "repair.before-commit";

    /// <summary>Repair: fetched records are merged, their reading is not closed.</summary>
    public const string RepairBeforeClose = "repair.before-close";

    /// <summary>Sweep: a comparison has its anchor, nothing is read.</summary>
    public const string SweepAfterBegin = "sweep.after-begin";

    /// <summary>Sweep: a page of what Salesforce holds is kept.</summary>
    public const string SweepAfterPage = "sweep.after-page";

    /// <summary>Sweep: compared, and nothing of what differs is asked for.</summary>
    public const string SweepAfterCompare = "sweep.after-compare";

    /// <summary>Sweep: what differs is asked for, the comparison is not closed.</summary>
    public const string SweepBeforeClose = "sweep.before-close";

    /// <summary>The copy of a table is taken, and not committed.</summary>
    public const string ImageBeforeCommit = "image.before-commit";

    /// <summary>The copy of a table is committed; the one before it is gone.</summary>
    public const string ImageAfterCommit = "image.after-commit";

    /// <summary>Rebuild: the table is made again beside the one in use and the org is held; none of the rows that differ is written.</summary>
    public const string RebuildBeforeRows = "rebuild.before-rows";

    /// <summary>Rebuild: the rows that differ are written, and not committed.</summary>
    public const string RebuildBeforeCommit = "rebuild.before-commit";

    /// <summary>Rebuild: committed, and nobody has been told.</summary>
    public const string RebuildAfterCommit = "rebuild.after-commit";

    public static IReadOnlyList<string> All { get; } =
    [
        MigrateBeforeCommit, MigrateAfterCommit, LeaseBeforeTakeOver, LeaseAfterTakeOver, LeaseBeforeRenewal, LeaseAfterRenewal, CallAfterBooking,
        CallBeforeSettling, SchemaBeforeSave, SchemaAfterSave, ReceiveBeforeStore, ReceiveAfterStore, LossBeforeCommit, LossAfterCommit,
        ApplyBeforeBegin, ApplyBeforeRows, ApplyBeforeSchema, ApplyAfterSchema, ApplyBeforePosition, ApplyBeforeCommit, ApplyAfterCommit,
        SnapshotAfterBegin, SnapshotBeforeJobNoted, SnapshotAfterJob, SnapshotAfterEnd, MergeBeforeCommit, SnapshotAfterPart, SnapshotBeforeClose,
        SnapshotAfterClose, RepairAfterBegin, RepairAfterFetch, RepairBeforeCommit, RepairBeforeClose, SweepAfterBegin, SweepAfterPage,
        SweepAfterCompare, SweepBeforeClose, ImageBeforeCommit, ImageAfterCommit, RebuildBeforeRows, RebuildBeforeCommit, RebuildAfterCommit,
    ];
}
