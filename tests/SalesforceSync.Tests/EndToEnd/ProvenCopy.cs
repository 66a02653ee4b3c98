using Dapper;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Crash;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A copied org whose every write goes into a ledger, with a workload of its own.</summary>
internal sealed class ProvenCopy : IAsyncDisposable
{
    private readonly Ledger _ledger;
    private readonly Workload _workload;

    private ProvenCopy(CopiedOrg copied, WorkloadOptions options)
    {
        Copied = copied;
        _ledger = new(copied.Source, copied.Options.Schema);
        _workload = new(copied.Simulated.Org, options);
    }

    public CopiedOrg Copied { get; }

    public SimulatedOrg Org => Copied.Simulated.Org;

    public static async Task<ProvenCopy> CreateAsync(
        SimulatorSettings? settings = null, Func<OrgOptions, OrgOptions>? change = null, string? database = null, bool gaps = true)
    {
        var copy = new ProvenCopy(await CopiedOrg.CreateAsync(settings, change, database), new() { Seed = 51, MaxRecordsPerObject = 200, Gaps = gaps });
        await copy._ledger.InstallAsync();
        return copy;
    }

    /// <summary>Commits at least so many transactions, at once.</summary>
    public void Commit(int transactions)
    {
        for (var done = 0; done < transactions;) done += _workload.Next();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await Copied.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    /// <summary>Waits until the worker's health says so; it is told of a change within a second.</summary>
    public async Task UntilReadyAsync(bool ready)
    {
        for (var began = TimeProvider.System.GetTimestamp(); Copied.Health.Ready().IsOk != ready;)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(10), $"{string.Join("; ", Copied.Health.Ready().Reasons)}\n{Copied.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Everything committed is there once, in order, and, but for the number given, whole; every event is stored once.</summary>
    /// <param name="repaired">Readings have written rows too.</param>
    public async Task ShouldBeExactAsync(int torn = 0, bool repaired = false)
    {
        await Copied.CaughtUpAsync();
        await Copied.ShouldEqualTruthAsync(repaired ? new() { Repaired = true } : null);
        var truth = Org.Truth();
        var faults = await _ledger.FaultsAsync(truth);
        (repaired ? faults.Doubled.Count + faults.Unordered.Count > 0 : faults.Any).ShouldBeFalse($"{faults}\n{Copied.Log}");
        (await Copied.ScalarAsync<long>("select torn from salesforce_sync.org")).ShouldBe(torn, Copied.Log.ToString());
        (await Copied.ScalarAsync<long>("select count(*) from salesforce_sync.event")).ShouldBe(Org.Bus.EventCount);
        (await Copied.ScalarAsync<long>("select count(distinct event_id) from salesforce_sync.event")).ShouldBe(Org.Bus.EventCount);
        Canaries.Of(Copied.Simulated).FirstIn(Copied.Log.Lines.Select(line => line.Text)).ShouldBeNull();
    }

    /// <summary>No write twice, none out of order: what holds even where something is missing.</summary>
    public async Task ShouldHaveNothingTwiceAsync()
    {
        var faults = await _ledger.FaultsAsync(Org.Truth());
        (faults.Doubled.Count + faults.Unordered.Count).ShouldBe(0, $"{faults}\n{Copied.Log}");
    }

    public ValueTask DisposeAsync() => Copied.DisposeAsync();
}
