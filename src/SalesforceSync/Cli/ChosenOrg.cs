using SalesforceSync.Configuration;

namespace SalesforceSync.Cli;

/// <summary>The one org of the configuration that a verb is about.</summary>
internal static class ChosenOrg
{
    /// <summary>The org that is named, or the only one there is; null with the faults that say why there is none.</summary>
    public static (SyncOptions? Options, OrgOptions? Org, IReadOnlyList<ConfigurationFault> Faults) Of(SyncConfiguration configuration, string? name)
    {
        var options = configuration.ReadAll();
        if (options is null || configuration.Faults.Count > 0)
            return (options, null, configuration.Faults);
        var names = options.Orgs.Select(o => o.Name);
        if (name is null && options.Orgs.Count > 1)
            return (options, null, [new("--org", ConfigurationFault.Missing, $"name one of {string.Join(", ", names)}")]);
        var org = name is null ? options.Orgs.SingleOrDefault() : options.Orgs.FirstOrDefault(o => o.Name == name);
        return (options, org, org is null ? [Faults.UnknownOrg(name ?? "", names)] : []);
    }
}
