using SalesforceSync.Apply;

namespace SalesforceSync.Repair;

/// <summary>Some records of an object that were fetched and wait to be merged. Lives in memory: what a restart loses is fetched again.</summary>
/// <param name="Records">All that were asked for.</param>
/// <param name="Parts">What was brought, by what of each record was read.</param>
/// <param name="Absent">What is shown not to exist.</param>
internal sealed record RecordReading(
    Read Read, IReadOnlyList<string> Records, IReadOnlyList<RecordPart> Parts, IReadOnlyList<string> Absent)
{
    /// <summary>Bytes of values, about.</summary>
    public long Weight { get; } = Parts.Sum(part => part.Rows.Sum(row => 200 + row.Values.Sum(value => 40L + value.Bytes.Length)));
}

/// <summary>Rows of which the same fields were read.</summary>
internal sealed record RecordPart(EvidenceShape Shape, IReadOnlyList<EvidenceRow> Rows);
