using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Work;

/// <summary>The parts of a person's name, which its account and its contact share.</summary>
internal static class PersonParts
{
    public static readonly IReadOnlyList<string> Names = ["Salutation", "FirstName", "LastName", "MiddleName", "Suffix"];

    /// <summary>Those of an account; what an account does not have is empty.</summary>
    public static IReadOnlyDictionary<string, object?> Of(SimulatedOrg org, string account) => org.Read(records =>
    {
        var record = records.Find(account)!;
        return Names.ToDictionary(name => name, name => record.Object.Find(name) is { } leaf ? record.Values[leaf] : null);
    });
}
