using System.Text.Json;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;

namespace SalesforceSync.Cli;

/// <summary><c>resume --object</c>: copies an object again that was paused for a change of its fields, or frozen because Salesforce showed less of it.</summary>
internal static class ResumeVerb
{
    public static async Task<int> RunAsync(string? org, string? objectName, bool json, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var options = configuration.ReadAll();
        List<ConfigurationFault> faults = [.. configuration.Faults];
        if (objectName is null)
            faults.Add(new("--object", ConfigurationFault.Missing, "name the object that is to be copied again"));
        var chosen = options?.Orgs.Where(o => org is null || o.Name == org).ToList() ?? [];
        if (options is not null && org is not null && chosen.Count == 0)
            faults.Add(Faults.UnknownOrg(org, options.Orgs.Select(o => o.Name)));
        else if (chosen.Count > 1)
            faults.Add(new("--org", ConfigurationFault.Missing, $"name one of {string.Join(", ", chosen.Select(o => o.Name))}"));
        if (faults.Count > 0)
            return await Faults.PrintAsync(faults, surroundings.Error);
        await using var source = Postgres.Open(options!.Postgres.Reveal, "salesforce-sync resume");
        var before = await ResumedObject.FromAsync(source, chosen[0].Name, objectName!, stop);
        if (before is null)
            return await Faults.PrintAsync([new("--object", objectName!, $"{chosen[0].Name} copies no such object; status names those it does")], surroundings.Error);
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { org = chosen[0].Name, @object = objectName, before, resumed = before != "copied" }));
        else
            await surroundings.Out.WriteLineAsync(before == "copied" ? "it is copied already" : $"it was {before} and is copied again; a snapshot of it is waiting, whose price plan shows");
        return ExitCode.Done;
    }
}
