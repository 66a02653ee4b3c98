using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Crash;

/// <summary>The worker dies by itself at named places, another one goes on each time, and nothing is lost, doubled or torn.</summary>
public sealed class CrashPointKillTests
{
    public static TheoryData<string> Sample => [CrashPoints.ApplyBeforeCommit, CrashPoints.SnapshotAfterPart];

    public static TheoryData<string> Lives => [.. Enum.GetNames<CrashLife>()];

    [Fact]
    public void Every_crash_point_has_its_crash() => Deaths.Of.Values.SelectMany(deaths => deaths).Select(death => death.Name).ShouldBe(CrashPoints.All, ignoreOrder: true);

    [CrashPointTheory]
    [Trait(Extent.Trait, Extent.Part)]
    [MemberData(nameof(Sample))]
    public Task A_worker_that_dies_there_leaves_the_truth_to_be_found(string name) => CrashPointRun.LiveAsync([Deaths.At(name)], Deaths.LifeOf(name), seed: 21);

    /// <summary>script/proof lets it die at each place in a life of its own.</summary>
    [CrashPointTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [MemberData(nameof(Lives))]
    public Task Workers_that_die_at_one_place_after_the_other_leave_the_truth_to_be_found(string life) =>
        CrashPointRun.LiveAsync(Deaths.Of[Enum.Parse<CrashLife>(life)], Enum.Parse<CrashLife>(life), seed: 22);
}
