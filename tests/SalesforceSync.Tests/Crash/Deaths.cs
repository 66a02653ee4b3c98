using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Crash;

/// <summary>What the worker is doing when it dies.</summary>
internal enum CrashLife
{
    /// <summary>It makes its tables and copies the stream.</summary>
    Streaming,

    /// <summary>It finds its position lost.</summary>
    Losing,

    /// <summary>It reads whole objects under the stream.</summary>
    Reading,

    /// <summary>It fetches what gap events do not tell.</summary>
    Repairing,

    /// <summary>It compares all objects with the org.</summary>
    Sweeping,

    /// <summary>It keeps copies of its tables.</summary>
    Keeping,

    /// <summary>A command beside it makes a table again.</summary>
    Rebuilding,
}

/// <summary>One named place and the hit that kills there: late enough to be in the middle of work.</summary>
internal sealed record Death(string Name, int Hit);

/// <summary>How the program comes past each of the named places.</summary>
internal static class Deaths
{
    /// <summary>By what it is doing, in an order in which one worker after the other can die, each going on where the one before it ended.</summary>
    public static IReadOnlyDictionary<CrashLife, IReadOnlyList<Death>> Of { get; } = new Dictionary<CrashLife, IReadOnlyList<Death>>
    {
        [CrashLife.Streaming] =
        [
            new(CrashPoints.MigrateBeforeCommit, 1), new(CrashPoints.MigrateAfterCommit, 1), new(CrashPoints.LeaseBeforeTakeOver, 1), new(CrashPoints.LeaseAfterTakeOver, 1),
            new(CrashPoints.CallAfterBooking, 1), new(CrashPoints.CallBeforeSettling, 1), new(CrashPoints.SchemaBeforeSave, 2), new(CrashPoints.SchemaAfterSave, 2),
            new(CrashPoints.ApplyBeforeSchema, 3), new(CrashPoints.ApplyAfterSchema, 3), new(CrashPoints.ReceiveBeforeStore, 4), new(CrashPoints.ReceiveAfterStore, 4),
            new(CrashPoints.ApplyBeforeBegin, 3), new(CrashPoints.ApplyBeforeRows, 3), new(CrashPoints.ApplyBeforePosition, 3), new(CrashPoints.ApplyBeforeCommit, 3),
            new(CrashPoints.ApplyAfterCommit, 3), new(CrashPoints.LeaseBeforeRenewal, 1), new(CrashPoints.LeaseAfterRenewal, 1),
        ],
        [CrashLife.Losing] = [new(CrashPoints.LossBeforeCommit, 1), new(CrashPoints.LossAfterCommit, 1)],
        [CrashLife.Reading] =
        [
            new(CrashPoints.SnapshotAfterBegin, 2), new(CrashPoints.SnapshotBeforeJobNoted, 1), new(CrashPoints.SnapshotAfterJob, 2), new(CrashPoints.SnapshotAfterEnd, 1),
            new(CrashPoints.MergeBeforeCommit, 2), new(CrashPoints.SnapshotAfterPart, 2), new(CrashPoints.SnapshotBeforeClose, 1), new(CrashPoints.SnapshotAfterClose, 1),
        ],
        [CrashLife.Repairing] =
            [new(CrashPoints.RepairAfterBegin, 2), new(CrashPoints.RepairAfterFetch, 2), new(CrashPoints.RepairBeforeCommit, 2), new(CrashPoints.RepairBeforeClose, 2)],
        [CrashLife.Sweeping] =
            [new(CrashPoints.SweepAfterBegin, 1), new(CrashPoints.SweepAfterPage, 1), new(CrashPoints.SweepAfterCompare, 1), new(CrashPoints.SweepBeforeClose, 1)],
        [CrashLife.Keeping] = [new(CrashPoints.ImageBeforeCommit, 1), new(CrashPoints.ImageAfterCommit, 1)],
        [CrashLife.Rebuilding] = [new(CrashPoints.RebuildBeforeRows, 1), new(CrashPoints.RebuildBeforeCommit, 1), new(CrashPoints.RebuildAfterCommit, 1)],
    };

    /// <summary>What the worker does when it comes past a place.</summary>
    public static CrashLife LifeOf(string name) => Of.Single(life => life.Value.Any(death => death.Name == name)).Key;

    public static Death At(string name) => Of.Values.SelectMany(deaths => deaths).Single(death => death.Name == name);
}
