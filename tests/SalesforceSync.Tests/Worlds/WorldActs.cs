using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.Worlds;

/// <summary>What happens in a world's org: people's work, everything the stream does not tell, and Salesforce's own failures.</summary>
internal sealed class WorldActs
{
    private static readonly FaultKind[] Faults =
    [
        FaultKind.FailBulkJob, FaultKind.AbortBulkJob, FaultKind.CutResultPage, FaultKind.ShortResultPage, FaultKind.ExpireBulkJob, FaultKind.ExpireLocator,
        FaultKind.NoResultPages, FaultKind.RestUnavailable, FaultKind.RestUnauthorized, FaultKind.ExpireTokens,
    ];

    private readonly SimulatedSalesforce _simulated;
    private readonly Random _random;
    private readonly WorldTally _tally;
    private readonly Workload _workload;
    private string? _forbidden;

    /// <param name="losesEvents">Changes whose events never come, some of which move no stamp: only reading everything finds them.</param>
    public WorldActs(SimulatedSalesforce simulated, int seed, bool losesEvents, WorldTally tally)
    {
        (_simulated, _random, _tally) = (simulated, new Random(seed), tally);
        var hard = HardWeights.Everything with { LostEvents = losesEvents ? 30 : 0, HardDelete = 40, MergedGap = 60, Overflow = 12, AddField = 8, RecreateField = 4 };
        _workload = new Workload(simulated.Org, new WorkloadOptions { Seed = seed, MaxRecordsPerObject = 100, Hard = hard }, LosePosition);
    }

    public long Transactions => _simulated.Org.Transactions;

    /// <summary>Records from before the first event.</summary>
    public void Existing(int records) => Prefill.Plant(_simulated.Org, new PrefillOrder { Records = records, Seed = _random.Next() });

    public void Next() => _workload.Next();

    /// <summary>One of the rarer things.</summary>
    public void Strike()
    {
        switch (_random.Next(8))
        {
            case 0:
                LosePosition();
                break;
            case 1:
                _tally.Count("position expired");
                _simulated.Org.Bus.ExpireAll();
                break;
            case 2 when _forbidden is null:
                _tally.Count("permission lost");
                _forbidden = WorkloadTransactions.ObjectNames[_random.Next(WorkloadTransactions.ObjectNames.Count)];
                _simulated.Org.Access.Allow(_forbidden, allowed: false);
                break;
            case 2 or 3 when _forbidden is { } back:
                _tally.Count("permission back");
                _forbidden = null;
                _simulated.Org.Access.Allow(back, allowed: true);
                break;
            default:
                var fault = Faults[_random.Next(Faults.Length)];
                _tally.Count($"armed {fault}");
                _simulated.Faults.Arm(fault);
                break;
        }
    }

    /// <summary>Nothing is broken or forbidden any more, and all kinds of work are counted.</summary>
    public void MakeWhole()
    {
        _simulated.Faults.Clear();
        if (_forbidden is { } back)
            _simulated.Org.Access.Allow(back, allowed: true);
        foreach (var (kind, times) in _workload.Tally)
            _tally.Count($"org {kind}", times);
        foreach (var (kind, times) in _simulated.Faults.Fired)
            _tally.Count($"fired {kind}", times);
    }

    private void LosePosition()
    {
        _tally.Count("position void");
        _simulated.Org.Bus.VoidPositions();
    }
}
