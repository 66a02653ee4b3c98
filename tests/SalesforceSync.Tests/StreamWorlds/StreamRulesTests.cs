using System.Globalization;
using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Crash;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.StreamWorlds;

/// <summary>A rule of receiving or of transactions that is left out is found out by a stream world. SYNC_STREAM_RULES=1-500 looks for the first of each, or of SYNC_STREAM_RULE.</summary>
public class StreamRulesTests(ITestOutputHelper output)
{
    internal static readonly (string Rule, int Seed)[] Found =
    [
        (PlantedBugs.ForgottenUnnoticed, 6490), (PlantedBugs.ResumeAfterLast, 66), (PlantedBugs.RunsForgotten, 1), (PlantedBugs.SiblingsShareFate, 57),
        (PlantedBugs.CutUnnoticed, 2), (PlantedBugs.ReadBackIsSilence, 4058), (PlantedBugs.PositionInside, 154), (PlantedBugs.GapCloses, 586),
        (PlantedBugs.KeptEventsStoredTwice, 5), (PlantedBugs.OlderEventsApplied, 5),
    ];

    [CrashPointFact]
    public void A_rule_left_out_is_found_out()
    {
        if (SeedRange.Asked("SYNC_STREAM_RULES") is { } seeds)
        {
            var only = Environment.GetEnvironmentVariable("SYNC_STREAM_RULE");
            foreach (var (rule, _) in Found.Where(found => only is null or "" || only == found.Rule))
                output.WriteLine($"{rule}: {FirstWorld(rule, seeds[0], seeds.Count)?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
            return;
        }
        Found.Where(found => FirstWorld(found.Rule, found.Seed, 1) is null).ShouldBeEmpty();
    }

    /// <summary>The first of so many worlds that finds out that this rule is left out; null when none does.</summary>
    internal static int? FirstWorld(string rule, int from, int worlds)
    {
        using var without = new WithoutRule(rule);
        for (var seed = from; seed < from + worlds; seed++)
        {
            if (StreamWorldRun.FailureOf(new(seed), new()) is not null)
                return seed;
        }
        return null;
    }
}
