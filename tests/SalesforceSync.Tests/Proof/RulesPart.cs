using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Crash;
using SalesforceSync.Tests.StreamWorlds;
using SalesforceSync.Tests.Worlds;

namespace SalesforceSync.Tests.Proof;

/// <summary>
/// The bug bank: each rule that can be left out is, and a world has to find out. Rules that have a known world come first, the others are looked for in turn,
/// a few worlds at a time.
/// </summary>
public sealed class RulesPart
{
    private const string Caught = "caught";
    private const string Tried = "worlds without the rule";
    private const int AtOnce = 6;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Rules)]
    public Task A_rule_left_out_is_found_out() => new ProofPart(ProofOrder.Given!, ProofParts.Rules, Caught, Caught) { OutOf = PlantedBugs.All.Count }.RunAsync(async round =>
    {
        if (Next(round) is not { } rule)
        {
            (round.Seeds, round.IsLast) = (0, true);
            return;
        }
        if (IsTested(rule))
        {
            round.Window(Trying(rule), 1);
            round.Window(By(rule), await PlantedRules.IsFoundOutAsync(rule) ? 1 : throw new InvalidOperationException($"{rule}: its test does not find it out any more"));
            round.Count(Caught);
            return;
        }
        var known = Found(rule);
        var (from, worlds) = known > 0 ? (known, 1) : ((int)round.Windows(Trying(rule)) + 1, AtOnce);
        var found = IsOfStream(rule) ? StreamRulesTests.FirstWorld(rule, from, worlds) : await LeftOutRulesTests.FirstWorldAsync(rule, from, worlds);
        round.Window(Trying(rule), worlds);
        round.Count(Tried, worlds);
        if (found is null && known > 0)
            throw new InvalidOperationException($"{rule}: its world {known} does not find it out any more");
        if (found is not { } world)
            return;
        round.Count(Caught);
        round.Window(By(rule), world);
    });

    /// <summary>The rule not caught yet with the fewest worlds tried; null when all are.</summary>
    private static string? Next(ProofRound round) => PlantedBugs.All.Where(rule => round.Windows(By(rule)) == 0 && !(IsKnown(rule) && round.Windows(Trying(rule)) > 0))
        .OrderBy(rule => !IsKnown(rule)).ThenBy(rule => round.Windows(Trying(rule))).FirstOrDefault();

    private static bool IsKnown(string rule) => Found(rule) > 0;

    /// <summary>The world that is known to find it out; 0 where none is.</summary>
    private static int Found(string rule) => LeftOutRulesTests.Found.Concat(StreamRulesTests.Found).FirstOrDefault(f => f.Rule == rule).Seed;

    private static bool IsOfStream(string rule) => LeftOutRulesTests.Found.All(f => f.Rule != rule);

    private static string Trying(string rule) => $"{rule}: worlds tried";

    private static string By(string rule) => IsTested(rule) ? $"{rule}: caught by its test" : $"{rule}: caught by world";

    private static bool IsTested(string rule) => PlantedRules.Tested.Any(tested => tested.Rule == rule);
}
