using SalesforceSync.Apply;

namespace SalesforceSync.Snapshot;

/// <summary>
/// Columns in groups that one query each can ask for: Salesforce takes some 100,000 characters of SOQL in a Bulk job, and wide results break more often. Pure.
/// </summary>
internal static class ColumnGroups
{
    public const int MostFields = 300;

    /// <summary>Bytes of SOQL; far below what Salesforce takes.</summary>
    public const int LongestQuery = 20_000;

    /// <param name="spent">Bytes of the query beside the fields.</param>
    public static IReadOnlyList<IReadOnlyList<EvidenceField>> Of(IReadOnlyList<EvidenceField> fields, int spent)
    {
        var groups = new List<IReadOnlyList<EvidenceField>>();
        var group = new List<EvidenceField>();
        var length = spent;
        foreach (var field in fields)
        {
            if (group.Count > 0 && (group.Count >= MostFields || length + field.Name.Length + 1 > LongestQuery))
            {
                groups.Add(group);
                (group, length) = ([], spent);
            }
            group.Add(field);
            length += field.Name.Length + 1;
        }
        groups.Add(group);
        return groups;
    }
}
