using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Control;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Cli.Demo;

/// <summary>Everything the verdict is made from.</summary>
/// <param name="State">What the simulated org did and was asked.</param>
/// <param name="Figures">As they were seen last.</param>
/// <param name="Unsettled">Why the repairing did not come to its end; null when it did.</param>
/// <param name="TornOtherwise">Transactions the worker says were torn, by something else than the ordered loss of the replay id.</param>
internal sealed record DemoOutcome(Truth Truth, SimulatorState State, DemoFigures Figures, DemoEvidence Evidence, string? Unsettled, long TornOtherwise)
{
    public long Act(OrgAct act) => State.Acts.GetValueOrDefault(act);

    /// <summary>Sign-ins and REST calls the simulated org has counted.</summary>
    public long CallsCounted => State.TokenCalls + State.RestCalls;

    /// <summary>Of the transactions that were not applied whole: those without a cause of ours.</summary>
    public long TornWithoutCause => Math.Min(TornOtherwise, Evidence.Copy.Torn);

    /// <summary>Events Salesforce forgot before anybody had received them.</summary>
    public long Forgotten => Truth.Events - Evidence.Stored;
}
