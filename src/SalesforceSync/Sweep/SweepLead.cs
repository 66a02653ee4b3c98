using SalesforceSync.Apply;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>What every comparison of an object reads. Most objects have all of it; which lack something is learned from a refusal and a describe.</summary>
internal sealed record SweepLead(bool HasIsDeleted, bool HasStamp, bool HasModified)
{
    public const string Modified = "LastModifiedDate";

    public static SweepLead Of(ReadShape shape) =>
        new(shape.HasIsDeleted, shape.HasStamp, shape.Fields.Contains(Modified, StringComparer.OrdinalIgnoreCase));

    /// <summary>How the answers are read: the time of the last change first, then what is looked at for being visible only.</summary>
    public ReadShape Shape(string objectName, IEnumerable<string> fields)
    {
        var others = fields.Where(f => !f.Equals(Modified, StringComparison.OrdinalIgnoreCase)).Select(f => new EvidenceField(f, ColumnType.Text));
        EvidenceField[] first = HasModified ? [new(Modified, ColumnType.Timestamp)] : [];
        return new ReadShape(new EvidenceShape(objectName, [.. first, .. others], Complete: false), HasIsDeleted, HasStamp, null, null);
    }
}
