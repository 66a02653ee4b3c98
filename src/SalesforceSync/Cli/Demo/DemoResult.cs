using SalesforceSync.Simulator.Comparison;

namespace SalesforceSync.Cli.Demo;

/// <summary>What <c>demo --json</c> prints.</summary>
/// <param name="Ok">Whether the demo has passed.</param>
/// <param name="TotalSeconds">From the start of the program to here.</param>
/// <param name="Differences">The first of them.</param>
/// <param name="Failures">What speaks against it, a sentence each.</param>
internal sealed record DemoResult(
    bool Ok, double TotalSeconds, DemoWorkload Workload, DemoEvents Events, DemoLag LagMilliseconds, int Kills, long Cuts, long TornTransactions, DemoComparison Comparison,
    IReadOnlyList<Difference> Differences, IReadOnlyList<string> Failures)
{
    public static DemoResult Of(DemoOrder order, TimeSpan total, Truth truth, DemoFigures figures, DemoEvidence evidence)
    {
        var failures = DemoVerdict.Failures(truth, figures, evidence);
        var compared = evidence.Comparison;
        return new(
            failures.Count == 0, Math.Round(total.TotalSeconds, 1),
            new(order.Seconds, order.Rate, order.Seed, truth.Transactions),
            new(truth.Events, figures.Received, figures.Applied, evidence.Stored),
            new(figures.Lag, figures.Undisturbed),
            figures.Kills, figures.Cuts, evidence.Torn,
            new(compared.Objects, compared.Records, compared.Fields, compared.DifferenceCount, compared.Dirty),
            compared.Differences, failures);
    }

    /// <summary>The same for people.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"compared with the org's own record: {Comparison.Objects} objects, {FigureWords.Text(Comparison.Records)} records, "
            + $"{FigureWords.Text(Comparison.Fields)} fields: {Comparison.Differences} differences";
        foreach (var difference in Differences)
            yield return $"  {difference.ObjectName} {difference.Id} {difference.Field}: the org has {difference.Expected ?? "null"}, the copy has {difference.Found ?? "null"}";
        if (Comparison.NotCompared > 0)
        {
            yield return $"not compared: {Comparison.NotCompared} records of which the org only said that they changed (gap events); "
                + "each waits in salesforce_sync.repair, and a later version fetches them";
        }
        yield return $"{FigureWords.Text(Workload.Transactions)} transactions, {FigureWords.Text(Events.Committed)} events, {FigureWords.Text(Events.Stored)} stored; {TornTransactions} torn transactions";
        yield return $"the worker was killed {Kills} times, its stream cut {Cuts} times";
        yield return $"lag p50 / p99: {FigureWords.Pair(LagMilliseconds.All)} over everything, {FigureWords.Pair(LagMilliseconds.Undisturbed)} undisturbed*";
        foreach (var failure in Failures)
            yield return $"FAILED: {failure}";
        if (Ok)
            yield return "PASSED: the copy is the org";
    }
}

internal sealed record DemoWorkload(double Seconds, double Rate, int Seed, long Transactions);

/// <param name="Received">Up to the received position.</param>
/// <param name="Applied">Up to the applied position.</param>
/// <param name="Stored">Rows of stored events.</param>
internal sealed record DemoEvents(long Committed, long Received, long Applied, long Stored);

/// <param name="Undisturbed">Without what was committed around a kill or a cut.</param>
internal sealed record DemoLag(LagFigures All, LagFigures Undisturbed);

/// <param name="NotCompared">Records the stream alone cannot make right.</param>
internal sealed record DemoComparison(int Objects, long Records, long Fields, long Differences, long NotCompared);
