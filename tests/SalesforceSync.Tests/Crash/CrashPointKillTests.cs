using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Crash;

/// <summary>One crash for each named place: the worker dies there by itself, another one goes on, and nothing is lost, doubled or torn.</summary>
public sealed class CrashPointKillTests
{
    /// <summary>Which hit kills: late enough to be in the middle of work.</summary>
    public static TheoryData<string, int> First => new() { { CrashPoints.ApplyBeforeCommit, 3 } };

    /// <inheritdoc cref="First"/>
    public static TheoryData<string, int> Others => new()
    {
        { CrashPoints.ReceiveBeforeStore, 4 },
        { CrashPoints.ReceiveAfterStore, 4 },
        { CrashPoints.ApplyBeforeSchema, 3 },
        { CrashPoints.ApplyBeforePosition, 3 },
        { CrashPoints.ApplyAfterCommit, 3 },
        { CrashPoints.LeaseAfterTakeOver, 1 },
    };

    public static IEnumerable<object[]> Points => First.Concat(Others);

    [Fact]
    public void Every_crash_point_has_its_crash() => Points.Select(p => (string)p[0]).Concat(SnapshotKillTests.Points.Concat(SnapshotKillTests.RepairPoints).Select(p => (string)p[0])).ShouldBe(CrashPoints.All, ignoreOrder: true);

    [CrashPointTheory]
    [MemberData(nameof(First))]
    public Task A_worker_that_dies_around_a_commit_leaves_nothing_lost_doubled_or_torn(string name, int hit) => CrashPointRun.WhileStreamingAsync(name, hit, seed: 21);

    [CrashPointTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [MemberData(nameof(Others))]
    public Task A_worker_that_dies_here_leaves_nothing_lost_doubled_or_torn(string name, int hit) => CrashPointRun.WhileStreamingAsync(name, hit, seed: 21);
}
