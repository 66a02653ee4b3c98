using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>A record as the org has it. Guarded by the org's lock.</summary>
internal sealed class SimulatedRecord(SimulatedObject owner, string id)
{
    public SimulatedObject Object { get; } = owner;

    public string Id { get; } = id;

    public RecordValues Values { get; } = new(owner.Leaves.Count);

    public bool Deleted { get; set; }

    /// <summary>The stream alone cannot tell what this record is: a gap event stood for a change of it.</summary>
    public bool Dirty { get; set; }

    /// <summary>The transaction of the record's last event.</summary>
    public string? TransactionKey { get; set; }

    /// <summary>The sequence number of the record's last event in its transaction.</summary>
    public int Sequence { get; set; }
}
