using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Explain;
using SalesforceSync.Masks;

namespace SalesforceSync.Cli;

/// <summary><c>explain</c>: what is known here of one record, in order; costs no call.</summary>
internal static class ExplainVerb
{
    private static readonly Option<bool> Values = new("--values") { Description = "show values too; without it only the names of fields" };

    public static Argument<string> Record { get; } = new("recordId") { Description = "id of a record, 15 or 18 characters" };

    public static IReadOnlyList<Option> Options { get; } = [Values];

    public static async Task<int> RunAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        if (configuration.ReadAll() is not { } options || configuration.Faults.Count > 0)
            return await Faults.PrintAsync(configuration.Faults, surroundings.Error);
        if ((orgName is null && options.Orgs.Count == 1 ? options.Orgs[0] : options.Orgs.FirstOrDefault(o => o.Name == orgName)) is not { } org)
            return await Faults.PrintAsync([Faults.UnknownOrg(orgName ?? "", options.Orgs.Select(o => o.Name))], surroundings.Error);
        var given = parsed.GetValue(Record)!;
        if (RecordLife.IdOf(given) is not { } recordId)
            return await Faults.PrintAsync([new("recordId", given, "a record's id has 15 or 18 letters and digits")], surroundings.Error);
        await using var source = Postgres.Open(options.Postgres.Reveal, "salesforce-sync explain");
        var (objectName, entries) = await new RecordLife(source, org.Name, org.Schema, parsed.GetValue(Values), OrgMasks.Of(org)).ReadAsync(recordId, stop);
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { org = org.Name, record = recordId, @object = objectName, entries }, JsonSerializerOptions.Web));
        else
            await Screen.ShowAsync(surroundings, ["at", "what", "number", "details"], [.. entries.Select(Row)]);
        if (entries.Count > 0)
            return ExitCode.Done;
        await surroundings.Error.WriteLineAsync($"{org.Name}: nothing is known of {recordId}");
        return ExitCode.Failed;
    }

    private static string[] Row(LifeEntry entry) =>
    [
        entry.At?.UtcDateTime.ToString("u", CultureInfo.InvariantCulture) ?? "",
        entry.What,
        entry.Number?.ToString(CultureInfo.InvariantCulture) ?? "",
        string.Join("; ", entry.Details.Where(d => d.Value is not null).Select(d => $"{d.Key}: {d.Value}")),
    ];
}
