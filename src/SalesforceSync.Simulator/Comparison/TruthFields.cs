using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>Reads records out as truth: the leaves that events have announced, and the name of a person, which is made of its parts.</summary>
internal static class TruthFields
{
    // The order Salesforce joins them in; the salutation stays out.
    private static readonly string[] NameParts = ["FirstName", "MiddleName", "LastName", "Suffix"];

    public static IReadOnlyList<TruthField> Of(SimulatedObject source, int announced)
    {
        var fields = source.Leaves.Take(announced).Select(leaf => new TruthField(leaf.RestName, leaf.Kind)).ToList();
        if (announced > 0 && source.HasPersonName && source.Find("Name") is null) fields.Add(new TruthField("Name", ValueKind.Text));
        return fields;
    }

    public static TruthRecord Copy(SimulatedRecord record, int announced)
    {
        var source = record.Object;
        var values = new List<object?>(announced + 1);
        var name = source.Find("Name");
        for (var i = 0; i < announced; i++)
        {
            values.Add(i == name?.Index && source.HasPersonName ? record.Values[i] ?? FullName(record) : record.Values[i]);
        }
        if (announced > 0 && source.HasPersonName && name is null) values.Add(FullName(record));
        return new TruthRecord(source.Name, record.Id, record.Deleted, record.Dirty, record.TransactionKey, record.Sequence, values);
    }

    private static string? FullName(SimulatedRecord record)
    {
        var parts = NameParts.Select(record.Object.Find).Where(leaf => leaf is not null).Select(leaf => record.Values[leaf!]).OfType<string>();
        var name = string.Join(' ', parts);
        return name.Length == 0 ? null : name;
    }
}
