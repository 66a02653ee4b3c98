using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Endurance;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Crash;

/// <summary>The largest transaction Salesforce publishes without an overflow event.</summary>
public sealed class LargeTransactionTests(ITestOutputHelper output)
{
    private const long MostResident = 256L << 20;

    /// <summary>One byte more than the worker gets, and it fails, or is killed.</summary>
    [EnduranceFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_transaction_of_100_000_events_is_one_postgres_transaction_in_bounded_memory()
    {
        using var group = MemoryGroup.Create(MostResident);
        await CopyAsync(events: 100_000, SoakRun.Limits(group, heap: MostResident / 2));
        group.Killed.ShouldBe(0);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Part)]
    public Task A_transaction_of_15_000_events_is_one_postgres_transaction() => CopyAsync(events: 15_000, []);

    private async Task CopyAsync(int events, (string Name, string Value)[] limits)
    {
        var records = events / 5;
        await using var copy = await WatchedCopy.CreateAsync();
        var key = LargeTransactions.Commit(copy, events, records);
        copy.Load.Commit(1);
        var began = TimeProvider.System.GetTimestamp();
        var worker = await copy.StartWorkerAsync([.. limits, ("Orgs__acme__QuietPeriod", "00:00:10")]);
        // The org sends from this very process: beside all other tests it may be silent for a while, which would tear the transaction.
        // Beside all other tests it has taken 70 s, and more than 90.
        await copy.CaughtUpAsync(TimeSpan.FromMinutes(4));
        var took = TimeProvider.System.GetElapsedTime(began);
        var peak = worker.PeakResidentBytes();
        output.WriteLine($"{events} events in {took.TotalSeconds:0.0} s, at most {peak >> 20} MB resident");
        (await copy.CountAsync($"select count(distinct xid) from watch.ledger where transaction_key = '{key}'")).ShouldBe(1);
        (await copy.CountAsync($"select count(distinct id) from watch.ledger where transaction_key = '{key}'")).ShouldBe(records);
        await copy.ShouldBeExactAsync();
        peak.ShouldBeLessThan(MostResident);
    }
}
