using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.Crash;

/// <summary>A workload with marked transactions mixed in, at a rate, that never runs further ahead than it is let: so it lasts as long as the test needs it.</summary>
internal sealed class PacedLoad(SimulatedOrg org, WorkloadOptions options)
{
    private const int MarkedEvery = 20;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly Workload _workload = new(org, options);

    public MarkedRecords Marked { get; } = new(org);

    /// <summary>Transactions committed by the org since it began.</summary>
    public long Committed => org.Transactions;

    /// <summary>Of them: transactions of nothing but a gap event, which leave no transaction behind to apply.</summary>
    public long GapsAlone => _workload.Tally.GetValueOrDefault("GapAlone");

    /// <summary>Commits so many, as fast as it goes.</summary>
    public void Commit(long transactions)
    {
        for (var until = Committed + transactions; Committed < until;) Step();
    }

    /// <summary>Commits until there are so many.</summary>
    /// <param name="rate">Transactions per second; what was late is caught up with.</param>
    /// <param name="ceiling">How many there may be by now.</param>
    public async Task RunAsync(long until, double rate, Func<long> ceiling, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, org.Time);
        var (due, at) = ((double)Committed, org.Time.GetTimestamp());
        while (Committed < until)
        {
            await timer.WaitForNextTickAsync(stop);
            var now = org.Time.GetTimestamp();
            due = Math.Min(due + rate * org.Time.GetElapsedTime(at, now).TotalSeconds, Math.Min(until, ceiling()));
            at = now;
            while (Committed < (long)due) Step();
        }
    }

    private void Step()
    {
        if (Committed % MarkedEvery == 0) Marked.Next();
        else _workload.Next();
    }
}
