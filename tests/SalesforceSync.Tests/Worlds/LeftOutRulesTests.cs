using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Crash;
using SalesforceSync.Tests.StreamWorlds;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// A rule that is left out is found out by a world: what the worlds check is what the rules keep right. SYNC_WORLD_RULES=1-40 looks for the first such world
/// of each rule among others, SYNC_WORLD_BUG names the rules.
/// </summary>
public class LeftOutRulesTests(ITestOutputHelper output)
{
    internal static readonly (string Rule, int Seed)[] Found =
    [
        (PlantedBugs.PositionBeforeRows, 6), (PlantedBugs.MergedTooEarly, 23), (PlantedBugs.EventsAfterAnchorLose, 23), (PlantedBugs.LaterReadingLoses, 503),
        (PlantedBugs.ExistenceUntouched, 43), (PlantedBugs.DeletesTouchNothing, 43), (PlantedBugs.UnfitDiffTouches, 504),
        (PlantedBugs.TouchesDroppedEarly, 3), (PlantedBugs.LossWithoutGap, 31), (PlantedBugs.KeptEventsStoredTwice, 505), (PlantedBugs.OlderEventsApplied, 613),
        (PlantedBugs.ReadingSurvivesLoss, 509), (PlantedBugs.CutTransactionForgotten, 506), (PlantedBugs.NoSlackBeforeGap, 583),
        (PlantedBugs.HiddenFieldUnnoticed, 22), (PlantedBugs.FrozenWithoutGap, 501), (PlantedBugs.WidenedWithoutGap, 30), (PlantedBugs.DiffUnchecked, 9),
        (PlantedBugs.UnfitDiffForgotten, 50), (PlantedBugs.AnchorAtEnd, 22), (PlantedBugs.AbsenceBelieved, 508), (PlantedBugs.OldTombstonesBlock, 4),
        (PlantedBugs.GapDeletes, 510), (PlantedBugs.ReadingClosesNewerRepairs, 39), (PlantedBugs.SkippedColumnCloses, 39), (PlantedBugs.StubsStay, 9),
        (PlantedBugs.SweepMissesAbsent, 57), (PlantedBugs.SweepMissesUnknown, 9), (PlantedBugs.SweepMissesStamps, 502), (PlantedBugs.FailedJobAwaited, 2),
        (PlantedBugs.StaleDescribe, 12), (PlantedBugs.ChildrenForgotten, 1), (PlantedBugs.CallsUnbooked, 1), (PlantedBugs.RevivedByOlderReading, 704),
    ];

    [Fact]
    public void Every_rule_has_its_world() => Found.Concat(StreamRulesTests.Found).Select(f => f.Rule).Concat(PlantedRules.Tested.Select(t => t.Rule)).Distinct().ShouldBe(PlantedBugs.All, ignoreOrder: true);

    [CrashPointFact]
    public async Task A_rule_left_out_is_found_out()
    {
        if (SeedRange.Asked("SYNC_WORLD_RULES") is { } seeds)
        {
            await LookAsync(seeds);
            return;
        }
        var failures = await WorldRun.LiveAsync([.. Found.Select(f => (f.Seed, (string?)f.Rule))], new WorldTally());
        foreach (var ((seed, rule), failure) in failures)
            output.WriteLine($"{rule}: world {seed}: {failure.Message.Split('\n')[0]}");
        Found.Where(f => !failures.ContainsKey((f.Seed, f.Rule))).ShouldBeEmpty();
    }

    private async Task LookAsync(IReadOnlyList<int> seeds)
    {
        var only = Environment.GetEnvironmentVariable("SYNC_WORLD_BUG") is { Length: > 0 } names ? names.Split(',') : null;
        var rules = Found.Select(f => f.Rule).Where(r => only?.Contains(r) ?? true).ToList();
        var worlds = seeds.SelectMany(seed => rules.Select(rule => (seed, (string?)rule))).ToList();
        var failures = await WorldRun.LiveAsync(worlds, new WorldTally(), firstOnly: true);
        foreach (var rule in rules)
            output.WriteLine(failures.Keys.FirstOrDefault(k => k.Rule == rule) is { Seed: > 0 } first ? $"{rule}: world {first.Seed}" : $"{rule}: no world from {seeds[0]} to {seeds[^1]} finds it out");
    }

    /// <summary>The first of so many worlds that finds out that this rule is left out; null when none does.</summary>
    internal static async Task<int?> FirstWorldAsync(string rule, int from, int worlds)
    {
        var failures = await WorldRun.LiveAsync([.. Enumerable.Range(from, worlds).Select(seed => (seed, (string?)rule))], new WorldTally());
        return failures.Count > 0 ? failures.Keys.First().Seed : null;
    }
}
