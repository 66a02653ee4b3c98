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

    private static readonly (string Object, string Field)[] Touched =
        [("Account", "Phone"), ("Contact", "Department"), ("Lead", "Title"), ("Opportunity", "NextStep"), ("Invoice__c", "Terms__c")];

    private readonly SimulatedSalesforce _simulated;
    private readonly WorldKind _kind;
    private readonly Random _random;
    private readonly Random _schemas;
    private readonly WorldTally _tally;
    private readonly Workload _workload;
    private string? _forbidden;
    private (string Object, string Field)? _hidden;

    public WorldActs(SimulatedSalesforce simulated, WorldKind kind, WorldTally tally)
    {
        (_simulated, _kind, _random, _schemas, _tally) = (simulated, kind, new Random(kind.Seed), new Random(~kind.Seed), tally);
        var hard = HardWeights.Everything with
        {
            LostEvents = kind.LosesEvents ? 30 : 0,
            HardDelete = kind.NeedsSweep ? 40 : 0,
            MergedGap = 70,
            LateArrival = 50,
            Overflow = 12,
            AddField = 8,
            RecreateField = 4,
        };
        _workload = new Workload(simulated.Org, new WorkloadOptions { Seed = kind.Seed, Objects = kind.Objects, MaxRecordsPerObject = 100, Hard = hard }, LosePosition);
    }

    /// <summary>Nobody works any more.</summary>
    public bool IsOver { get; private set; }

    public long Transactions => _simulated.Org.Transactions;

    /// <summary>A field can be hidden: it was seen.</summary>
    public bool MayHide { get; set; }

    /// <summary>
    /// An object was forbidden for a while: what changed unseen may have changed again since, with an event, and then only reading everything finds it.
    /// </summary>
    public bool IsBehindStamps { get; private set; }

    /// <summary>A field is not visible just now.</summary>
    public bool Hides => _hidden is not null;

    /// <summary>Records from before the first event.</summary>
    public void Existing(int records) => Prefill.Plant(_simulated.Org, new PrefillOrder { Records = records, Objects = _kind.Objects, Seed = _random.Next() });

    public void Next() => _workload.Next();

    /// <summary>Work goes on while Salesforce reads the rows of a job.</summary>
    public void WhileReading()
    {
        if (IsOver || _random.Next(4) != 0)
            return;
        _tally.Count("commit under a job");
        Next();
    }

    /// <summary>Whether Salesforce does not give out a schema just now.</summary>
    public bool IsSchemaMissing()
    {
        if (IsOver || _schemas.Next(3) != 0)
            return false;
        _tally.Count("schema not to be had");
        return true;
    }

    /// <summary>One of the rarer things.</summary>
    /// <returns>True when all events so far are forgotten.</returns>
    public bool Strike()
    {
        switch (_random.Next(9))
        {
            case 0:
                LosePosition();
                break;
            case 1:
                _tally.Count("position expired");
                // What began long before the last event that came and was never told of: only time that is read twice brings it.
                if (_kind.ReadsSince)
                    _workload.Commit(HardKind.LateStamp);
                _simulated.Org.Bus.ExpireAll();
                return true;
            case 2 when _forbidden is null && _kind.NeedsSweep:
                _tally.Count("permission lost");
                _forbidden = AnyObject();
                _simulated.Org.Access.Allow(_forbidden, allowed: false);
                break;
            case 2 or 3 when _forbidden is not null:
                GiveBack();
                break;
            case 2 or 3 or 4 when MayHide && _hidden is null:
                _tally.Count("field hidden");
                _hidden = ("Account", "Site");
                _simulated.Org.Access.Show("Account", "Site", shown: false);
                break;
            case 5 or 6 when _hidden is not null:
                Show();
                break;
            default:
                var fault = Faults[_random.Next(Faults.Length)];
                _tally.Count($"armed {fault}");
                _simulated.Faults.Arm(fault);
                break;
        }
        return false;
    }

    /// <summary>Nothing is broken, hidden or forbidden any more, and all kinds of work are counted.</summary>
    public void MakeWhole()
    {
        IsOver = true;
        _simulated.Faults.Clear();
        if (_forbidden is not null)
            GiveBack();
        if (_hidden is not null)
            Show();
        TouchAll();
        foreach (var (kind, times) in _workload.Tally)
            _tally.Count($"org {kind}", times);
        foreach (var (act, times) in _simulated.Org.Tally.Counts)
            _tally.Count($"act {act}", times);
        foreach (var (kind, times) in _simulated.Faults.Fired)
            _tally.Count($"fired {kind}", times);
    }

    /// <summary>A field of the same name as one that went is told apart by the next event of its object (rule D7).</summary>
    public void TouchAll()
    {
        foreach (var (name, field) in Touched.Where(touched => _kind.Objects.Contains(touched.Object)))
            Touch(name, field);
    }

    public string AnyObject() => _kind.Objects[_random.Next(_kind.Objects.Count)];

    private void Touch(string name, string field)
    {
        var org = _simulated.Org;
        if (org.Read(store => store.Of(org[name]).FirstOrDefault(record => !record.Deleted)?.Id) is { } id)
            org.Commit(draft => draft.Update(name, id, new Dictionary<string, object?> { [field] = $"touched {_random.Next()}" }));
    }

    private void GiveBack()
    {
        _tally.Count("permission back");
        _simulated.Org.Access.Allow(_forbidden!, allowed: true);
        IsBehindStamps = true;
        _forbidden = null;
    }

    private void Show()
    {
        _tally.Count("field shown");
        _simulated.Org.Access.Show(_hidden!.Value.Object, _hidden.Value.Field, shown: true);
        _hidden = null;
    }

    private void LosePosition()
    {
        _tally.Count("position void");
        _simulated.Org.Bus.VoidPositions();
    }
}
