using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Crash;

/// <summary>The worker dies by itself at named places, another one goes on each time, and nothing is lost, doubled or torn.</summary>
public sealed class CrashPointKillTests
{
    public static TheoryData<string> Sample => [CrashPoints.ApplyBeforeCommit, CrashPoints.SnapshotAfterPart, CrashPoints.RepairBeforeCommit];

    /// <summary>The longest ones, of which the sample has a place each, are left to script/proof.</summary>
    public static TheoryData<string> Lives => [.. Enum.GetValues<CrashLife>().Except([CrashLife.Streaming, CrashLife.Reading, CrashLife.Repairing]).Select(life => $"{life}")];

    [Fact]
    public void Every_crash_point_has_its_crash() => Deaths.Of.Values.SelectMany(deaths => deaths).Select(death => death.Name).ShouldBe(CrashPoints.All, ignoreOrder: true);

    [CrashPointTheory]
    [MemberData(nameof(Sample))]
    public Task A_worker_that_dies_there_leaves_the_truth_to_be_found(string name) => CrashPointRun.LiveAsync([Deaths.At(name)], Deaths.LifeOf(name), seed: 21);

    [CrashPointTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [MemberData(nameof(Lives))]
    public Task Workers_that_die_at_one_place_after_the_other_leave_the_truth_to_be_found(string life) =>
        CrashPointRun.LiveAsync(Deaths.Of[Enum.Parse<CrashLife>(life)], Enum.Parse<CrashLife>(life), seed: 22);
}
