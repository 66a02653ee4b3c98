using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Crash;

/// <summary>The worker dies while it reads whole objects; the next one goes on where merging stood, with the jobs the first one made.</summary>
public sealed class SnapshotKillTests
{
    public static TheoryData<string, int> First => new() { { CrashPoints.SnapshotAfterPart, 4 } };

    public static TheoryData<string, int> Others => new()
    {
        { CrashPoints.SnapshotAfterBegin, 2 },
        { CrashPoints.SnapshotAfterJob, 2 },
        { CrashPoints.MergeBeforeCommit, 4 },
        { CrashPoints.SnapshotBeforeClose, 2 },
    };

    public static IEnumerable<object[]> Points => First.Concat(Others);

    public static TheoryData<string, int> RepairPoints => new() { { CrashPoints.RepairBeforeCommit, 2 } };

    [CrashPointTheory]
    [MemberData(nameof(First))]
    public Task A_worker_that_dies_after_it_has_read_leaves_the_copy_as_the_org_is(string name, int hit) => CrashPointRun.WhileReadingAsync(name, hit, seed: 31);

    [CrashPointTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [MemberData(nameof(Others))]
    public Task A_worker_that_dies_while_it_reads_leaves_the_copy_as_the_org_is(string name, int hit) => CrashPointRun.WhileReadingAsync(name, hit, seed: 31);

    [CrashPointTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [MemberData(nameof(RepairPoints))]
    public Task A_worker_that_dies_while_it_writes_what_it_fetched_leaves_it_to_be_fetched_again(string name, int hit) =>
        CrashPointRun.WhileRepairingAsync(name, hit, seed: 32);
}
