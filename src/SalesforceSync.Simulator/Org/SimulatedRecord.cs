using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>A record as the org has it. Guarded by the org's lock.</summary>
internal sealed class SimulatedRecord(SimulatedObject owner, string id)
{
    public SimulatedObject Object { get; } = owner;

    public string Id { get; } = id;

    public RecordValues Values { get; } = new(owner.LeafCount);

    /// <summary>In the recycle bin.</summary>
    public bool Deleted { get; set; }

    /// <summary>Gone from the recycle bin too, or hard deleted: no read finds it, and no event told.</summary>
    public bool Purged { get; set; }

    /// <summary>It was there before the first transaction.</summary>
    public bool Planted { get; init; }

    /// <summary>SystemModstamp: moves with every change, background ones too, unless the change was told not to. Milliseconds.</summary>
    public DateTimeOffset Stamp { get; set; }

    /// <summary>For a record that was merged into another: that other, as MasterRecordId in queryAll.</summary>
    public string? MasterRecordId { get; set; }

    /// <summary>The name of a person as REST gives it, joined from its parts; null for what has none.</summary>
    public string? FullName() => PersonNames.Joined(this);

    /// <summary>The stream alone cannot tell what this record is: a gap event stood for a change of it.</summary>
    public bool Dirty { get; set; }

    /// <summary>The transaction of the record's last event that was no gap.</summary>
    public string? TransactionKey { get; set; }

    /// <summary>The sequence number of the record's last event in its transaction.</summary>
    public int Sequence { get; set; }

    /// <summary>The delete events of it that were published, oldest first.</summary>
    public IReadOnlyList<EventPlace> Deletes { get; set; } = [];
}
