using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Cli.Demo;

/// <summary>What <c>demo --json</c> prints.</summary>
/// <param name="Ok">Whether the demo has passed.</param>
/// <param name="TotalSeconds">From the start of the program to here.</param>
/// <param name="TornTransactions">All that were not applied whole.</param>
/// <param name="TornByLoss">Of them: because the replay id was lost in the middle of them.</param>
/// <param name="Hardships">What the org did that makes copying it hard, and how often.</param>
/// <param name="Differences">The first of them.</param>
/// <param name="Failures">What speaks against it, a sentence each.</param>
internal sealed record DemoResult(
    bool Ok, double TotalSeconds, DemoWorkload Workload, DemoEvents Events, DemoLag LagMilliseconds, int Kills, long Cuts, int LostReplayIds, long TornTransactions, long TornByLoss,
    DemoComparison Comparison, DemoSnapshot Snapshots, IReadOnlyList<GapsSeen> Gaps, IReadOnlyList<RepairsDone> Repairs, DemoCalls Calls, IReadOnlyDictionary<OrgAct, long> Hardships,
    IReadOnlyList<Difference> Differences, IReadOnlyList<string> Failures)
{
    public static DemoResult Of(DemoOrder order, TimeSpan total, DemoOutcome outcome)
    {
        var failures = DemoVerdict.Failures(order, outcome);
        var (truth, figures, evidence) = (outcome.Truth, outcome.Figures, outcome.Evidence);
        var (compared, copy) = (evidence.Comparison, evidence.Copy);
        return new(
            failures.Count == 0, Math.Round(total.TotalSeconds, 1),
            new(order.Seconds, order.Rate, order.Seed, truth.Transactions),
            new(truth.Events, figures.Received, figures.Applied, evidence.Stored, outcome.Forgotten),
            new(figures.Lag, figures.Undisturbed),
            figures.Kills, figures.Cuts, figures.Losses, copy.Torn, copy.Torn - outcome.TornWithoutCause,
            new(compared.Objects, compared.Records, compared.Fields, compared.DifferenceCount, truth.Records.Count(record => record.Deleted), compared.MissingTombstones),
            new(outcome.Act(OrgAct.Prefilled), copy.SnapshotRows, copy.SnapshotsDone),
            evidence.Gaps,
            evidence.Repairs,
            new(evidence.Calls.Values.Sum(), outcome.CallsCounted, evidence.Calls),
            outcome.State.Acts, compared.Differences, failures);
    }
}

internal sealed record DemoWorkload(double Seconds, double Rate, int Seed, long Transactions);

/// <param name="Received">Up to the received position.</param>
/// <param name="Applied">Up to the applied position.</param>
/// <param name="Stored">Rows of stored events.</param>
/// <param name="Forgotten">By the org, before they were received.</param>
internal sealed record DemoEvents(long Committed, long Received, long Applied, long Stored, long Forgotten);

/// <param name="Undisturbed">Without what was committed around a kill, a cut or a loss.</param>
internal sealed record DemoLag(LagFigures All, LagFigures Undisturbed);

/// <param name="Tombstones">Deleted records.</param>
/// <param name="MissingTombstones">Of them: those nobody was ever told of.</param>
internal sealed record DemoComparison(int Objects, long Records, long Fields, long Differences, long Tombstones, long MissingTombstones);

/// <param name="Existing">Records that were there before the worker.</param>
internal sealed record DemoSnapshot(long Existing, long Rows, long Done);

/// <param name="CountedByOrg">Sign-ins and REST calls as the simulated org saw them; a call booked by a worker that was killed before it sent it is not among them.</param>
internal sealed record DemoCalls(long Booked, long CountedByOrg, IReadOnlyDictionary<string, long> ByClass);
