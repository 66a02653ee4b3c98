using System.Text.Json;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;

namespace SalesforceSync.Cli;

/// <summary>
/// <c>resume</c>: lets an org go on that was paused; with <c>--object</c> copies an object again that was paused, by a person or for a change of its fields, or
/// frozen because Salesforce showed less of it.
/// </summary>
internal static class ResumeVerb
{
    public static async Task<int> RunAsync(string? orgName, string? objectName, bool json, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var (options, org, faults) = ChosenOrg.Of(configuration, orgName);
        if (org is null)
            return await Faults.PrintAsync(faults, surroundings.Error);
        await using var source = Postgres.Open(options!.Postgres.Reveal, "salesforce-sync resume");
        if (objectName is null)
        {
            var isResumed = await new OrgPause(source, org.Name).ResumeAsync(stop);
            await EndAsync(
                surroundings, json, new { org = org.Name, @object = (string?)null, resumed = isResumed },
                isResumed ? $"{org.Name} goes on where it stopped, as soon as a worker has it" : "it is not paused; --object names an object that is");
            return ExitCode.Done;
        }
        var before = await ResumedObject.FromAsync(source, org.Name, objectName, stop);
        if (before is null)
            return await Faults.PrintAsync([new("--object", objectName, $"{org.Name} copies no such object; status names those it does")], surroundings.Error);
        await EndAsync(
            surroundings, json, new { org = org.Name, @object = objectName, before, resumed = before != "copied" },
            before == "copied" ? "it is copied already" : $"it was {before} and is copied again; a snapshot of it is waiting, whose price plan shows");
        return ExitCode.Done;
    }

    private static Task EndAsync(Surroundings surroundings, bool json, object document, string text) =>
        surroundings.Out.WriteLineAsync(json ? JsonSerializer.Serialize(document) : text);
}
