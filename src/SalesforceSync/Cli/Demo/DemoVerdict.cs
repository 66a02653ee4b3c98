using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Cli.Demo;

/// <summary>Whether the copy is what the org is, and whether it was tried hard enough to mean anything.</summary>
internal static class DemoVerdict
{
    /// <summary>As many kills make the demo a proof.</summary>
    public const int KillsAtLeast = 3;

    private static readonly (OrgAct Act, string Name)[] Wanted =
    [
        (OrgAct.Gap, "gap event"), (OrgAct.Overflow, "overflow"), (OrgAct.OverflowedChange, "change hidden behind an overflow"), (OrgAct.TextDifference, "text difference"),
        (OrgAct.Purge, "hard delete"), (OrgAct.SchemaChange, "schema change"),
    ];

    /// <summary>Everything that speaks against it, a sentence each; empty when the demo has passed.</summary>
    public static IReadOnlyList<string> Failures(DemoOrder order, DemoOutcome outcome)
    {
        var failures = new List<string>();
        var (evidence, copy, figures) = (outcome.Evidence, outcome.Evidence.Copy, outcome.Figures);
        Unless(outcome.Unsettled is null, outcome.Unsettled ?? "");
        Unless(evidence.Comparison.Records > 0, "nothing was compared");
        Unless(evidence.Comparison.Equal, $"{evidence.Comparison.DifferenceCount} differences between the org and its copy");
        Unless(copy.Repairs == 0, $"{copy.Repairs} repairs are open");
        Unless(copy.Failed == 0, $"{copy.Failed} repairs were given up");
        Unless(copy.Gaps == 0, $"{copy.Gaps} coverage gaps are open");
        Unless(copy.Readings == 0, $"{copy.Readings} readings are open");
        Unless(evidence.Quarantined == 0, $"{evidence.Quarantined} events are in quarantine");
        Unless(outcome.TornWithoutCause == 0, $"{outcome.TornWithoutCause} transactions were not applied whole, and no lost replay id is the cause");
        Unless(outcome.Forgotten == 0 || (outcome.Forgotten > 0 && figures.Losses > 0), $"{outcome.Truth.Events} events were committed, but {evidence.Stored} are stored");
        Unless(evidence.Calls.Values.Sum() >= outcome.CallsCounted, $"the org counted {outcome.CallsCounted} calls, but only {evidence.Calls.Values.Sum()} were booked");
        Unless(figures.Kills >= KillsAtLeast, $"the worker was killed {figures.Kills} times only, {KillsAtLeast} are wanted");
        Unless(figures.Cuts > 0, "the stream was never cut");
        Unless(figures.Losses > 0, "no replay id was lost");
        Unless(outcome.Figures.Losses == 0 || evidence.Gaps.Any(gap => gap.Closed > 0), "a replay id was lost, and no coverage gap tells of it");
        Unless(outcome.Act(OrgAct.Prefilled) >= order.Records, $"{outcome.Act(OrgAct.Prefilled)} records were there before, {order.Records} are wanted");
        foreach (var (act, name) in Wanted)
            Unless(outcome.Act(act) > 0, $"there was no {name}");
        return failures;

        void Unless(bool holds, string failure)
        {
            if (!holds)
                failures.Add(failure);
        }
    }
}
