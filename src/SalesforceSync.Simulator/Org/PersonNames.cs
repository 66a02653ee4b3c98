namespace SalesforceSync.Simulator.Org;

/// <summary>The name of a person is made of its parts.</summary>
internal static class PersonNames
{
    // The order Salesforce joins them in; the salutation stays out.
    private static readonly string[] Parts = ["FirstName", "MiddleName", "LastName", "Suffix"];

    /// <returns>Null when there is no part.</returns>
    public static string? Joined(SimulatedRecord record)
    {
        if (!record.Object.HasPersonName) return null;
        var name = string.Join(' ', Parts.Select(record.Object.Find).Where(leaf => leaf is not null).Select(leaf => record.Values[leaf!]).OfType<string>());
        return name.Length == 0 ? null : name;
    }
}
