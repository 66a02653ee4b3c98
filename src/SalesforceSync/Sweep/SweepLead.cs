using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>What every comparison of an object reads. Most objects have all of it; which lack something is learned from a refusal and a describe.</summary>
internal sealed record SweepLead(bool HasIsDeleted, bool HasStamp, bool HasModified)
{
    public const string Modified = "LastModifiedDate";

    public static SweepLead Of(ReadShape shape) =>
        new(shape.HasIsDeleted, shape.HasStamp, shape.Fields.Contains(Modified, StringComparer.OrdinalIgnoreCase));

    public IReadOnlyList<string> Fields =>
    [
        ReadShape.Id, .. HasStamp ? [ReadShape.Stamp] : Array.Empty<string>(), .. HasIsDeleted ? [ReadShape.IsDeleted] : Array.Empty<string>(),
        .. HasModified ? [Modified] : Array.Empty<string>(),
    ];
}
