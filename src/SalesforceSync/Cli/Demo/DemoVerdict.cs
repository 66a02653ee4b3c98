using SalesforceSync.Simulator.Comparison;

namespace SalesforceSync.Cli.Demo;

/// <summary>Whether the copy is what the org is, and whether it was tried hard enough to mean anything.</summary>
internal static class DemoVerdict
{
    /// <summary>As many kills make the demo a proof.</summary>
    public const int KillsAtLeast = 3;

    /// <summary>Everything that speaks against it, a sentence each; empty when the demo has passed.</summary>
    public static IReadOnlyList<string> Failures(Truth truth, DemoFigures figures, DemoEvidence evidence)
    {
        var failures = new List<string>();
        Unless(evidence.Comparison.Records > 0, "nothing was compared");
        Unless(evidence.Comparison.Equal, $"{evidence.Comparison.DifferenceCount} differences between the org and its copy");
        Unless(evidence.Torn == 0, $"{evidence.Torn} transactions were not applied whole");
        Unless(evidence.Quarantined == 0, $"{evidence.Quarantined} events are in quarantine");
        Unless(evidence.Stored == truth.Events, $"{truth.Events} events were committed, but {evidence.Stored} are stored");
        Unless(evidence.Unrecorded == 0, $"{evidence.Unrecorded} records that only a repair can make right are not recorded in salesforce_sync.repair");
        Unless(figures.Kills >= KillsAtLeast, $"the worker was killed {figures.Kills} times only, {KillsAtLeast} are wanted");
        Unless(figures.Cuts > 0, "the stream was never cut");
        return failures;

        void Unless(bool holds, string failure)
        {
            if (!holds)
                failures.Add(failure);
        }
    }
}
