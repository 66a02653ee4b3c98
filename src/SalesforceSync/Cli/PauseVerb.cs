using System.Text.Json;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;

namespace SalesforceSync.Cli;

/// <summary><c>pause</c>: has nothing of an org received and applied, or nothing of one object copied, until <c>resume</c>. Speaks only to the database.</summary>
internal static class PauseVerb
{
    public static async Task<int> RunAsync(string? orgName, string? objectName, bool json, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var (options, org, faults) = ChosenOrg.Of(configuration, orgName);
        if (org is null)
            return await Faults.PrintAsync(faults, surroundings.Error);
        await using var source = Postgres.Open(options!.Postgres.Reveal, "salesforce-sync pause");
        if (objectName is null)
        {
            var isPaused = await new OrgPause(source, org.Name).PauseAsync(stop);
            await EndAsync(
                surroundings, json, new { org = org.Name, @object = (string?)null, paused = isPaused },
                isPaused ? $"{org.Name} is paused within seconds; its place in the stream is kept by Salesforce for 72 hours" : "it is paused already");
            return ExitCode.Done;
        }
        var before = await PausedObject.FromAsync(source, org.Name, objectName, stop);
        if (before is null)
            return await Faults.PrintAsync([new("--object", objectName, $"{org.Name} copies no such object; status names those it does")], surroundings.Error);
        if (before == "frozen")
            return await Faults.PrintAsync([new("--object", objectName, "is frozen: only its events are copied; resume it first")], surroundings.Error);
        await EndAsync(
            surroundings, json, new { org = org.Name, @object = objectName, before, paused = before == "copied" },
            before == "copied" ? "it is paused: its events are stored and passed over; resume reads it whole" : "it is paused already");
        return ExitCode.Done;
    }

    private static Task EndAsync(Surroundings surroundings, bool json, object document, string text) =>
        surroundings.Out.WriteLineAsync(json ? JsonSerializer.Serialize(document) : text);
}
