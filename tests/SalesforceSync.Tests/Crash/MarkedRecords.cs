using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Tests.Crash;

/// <summary>
/// Records of several objects that always change together: each transaction writes one new marker into all of them. Whoever sees two markers at once sees
/// half a transaction. One writer; read from any thread.
/// </summary>
internal sealed class MarkedRecords(SimulatedOrg org)
{
    /// <summary>Object, the field that holds the marker, and what a new record must have.</summary>
    private static readonly (string Object, string Field, string Required)[] Kinds =
        [("Account", "Site", "Name"), ("Contact", "Title", "LastName"), ("Opportunity", "NextStep", "Name"), ("Invoice__c", "Reference__c", "Name"), ("Account", "Site", "Name")];

    private volatile string[] _ids = [];
    private int _marker;

    /// <summary>Records marked.</summary>
    public static int Count => Kinds.Length;

    /// <summary>One query, and so one snapshot, for the markers as the copy in a schema has them, a row for each record; null before the first transaction.</summary>
    public string? Query(string schema) => _ids is not { Length: > 0 } ids ? null
        : string.Join(" union all ", ids.Zip(Kinds, (id, kind) => $"select {kind.Field.ToLowerInvariant()} from {schema}.{kind.Object.ToLowerInvariant()} where id = '{id}'"));

    /// <summary>Commits the next marker.</summary>
    public void Next()
    {
        var marker = $"marker {++_marker}";
        var ids = _ids;
        org.Commit(draft =>
        {
            if (ids.Length == 0)
                ids = [.. Kinds.Select(k => draft.Create(k.Object, new Dictionary<string, object?> { [k.Required] = "Marked", [k.Field] = marker }))];
            else
                for (var i = 0; i < Kinds.Length; i++) draft.Update(Kinds[i].Object, ids[i], new Dictionary<string, object?> { [Kinds[i].Field] = marker });
        });
        _ids = ids;
    }
}
