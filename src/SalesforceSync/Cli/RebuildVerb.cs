using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Masks;
using SalesforceSync.Rebuild;

namespace SalesforceSync.Cli;

/// <summary><c>rebuild</c>: makes tables again from what is kept here, without a call to Salesforce, and puts them in place of the ones in use.</summary>
internal static class RebuildVerb
{
    private const string Known = """
        select object from salesforce_sync.object where org = $1 union select object from salesforce_sync.field where org = $1 order by 1
        """;

    private static readonly Option<string[]> Object = new("--object") { Description = "API name of an object, more than once for several", HelpName = "name" };

    private static readonly Option<bool> All = new("--all") { Description = "every object that is copied" };

    private static readonly Option<bool> Compare = new("--compare") { Description = "say what differs and change nothing" };

    private static readonly Option<bool> Yes = new("--yes") { Description = "write it however many rows differ" };

    public static IReadOnlyList<Option> Options { get; } = [Object, All, Compare, Yes];

    public static async Task<int> RunAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        if (configuration.ReadAll() is not { } options || configuration.Faults.Count > 0)
            return await Faults.PrintAsync(configuration.Faults, surroundings.Error);
        if ((orgName is null && options.Orgs.Count == 1 ? options.Orgs[0] : options.Orgs.FirstOrDefault(o => o.Name == orgName)) is not { } org)
            return await Faults.PrintAsync([Faults.UnknownOrg(orgName ?? "", options.Orgs.Select(o => o.Name))], surroundings.Error);
        var named = parsed.GetValue(Object) ?? [];
        if (named.Length > 0 == parsed.GetValue(All))
            return await Faults.PrintAsync([new("--object", string.Join(", ", named), "name objects or give --all, one of both")], surroundings.Error);
        await using var source = Postgres.Open(options.Postgres.Reveal, "salesforce-sync rebuild");
        var known = (await KnownAsync(source, org.Name, stop)).Where(o => org.Objects.For(o).Include).ToList();
        if (named.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            return await Faults.PrintAsync([new("--object", unknown, $"is not copied; copied: {string.Join(", ", known)}")], surroundings.Error);
        var chosen = named.Length == 0 ? known : [.. known.Where(o => named.Contains(o, StringComparer.OrdinalIgnoreCase))];
        var rebuild = new TableRebuild(source, org.Name, org.Schema, name => ObjectRule.Of(org, name), surroundings.Time, OrgMasks.Of(org));
        var (outcomes, refusals) = (new List<RebuildOutcome>(), new List<string>());
        foreach (var objectName in chosen)
        {
            try
            {
                outcomes.Add(await rebuild.RunAsync(objectName, writes: !parsed.GetValue(Compare), parsed.GetValue(Yes), stop));
            }
            catch (RebuildRefusedException refused)
            {
                refusals.Add(refused.Message);
                await surroundings.Error.WriteLineAsync(refused.Message);
            }
        }
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { org = org.Name, objects = outcomes, refused = refusals }, JsonSerializerOptions.Web));
        else
            await ShowAsync(surroundings, outcomes);
        return refusals.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>The objects anything is known of.</summary>
    public static async Task<List<string>> KnownAsync(NpgsqlDataSource source, string org, CancellationToken stop)
    {
        var known = new List<string>();
        await using var command = source.CreateCommand(Known);
        command.Parameters.Add(new() { Value = org });
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            known.Add(row.GetString(0));
        return known;
    }

    private static Task ShowAsync(Surroundings surroundings, List<RebuildOutcome> outcomes) => Screen.ShowAsync(
        surroundings, ["object", "rows", "differing", "changed", "missing", "extra", "from number", "to number", "events", "seconds", "of it locked"],
        [
            .. outcomes.Select(o => new[]
            {
                o.Object, Number(o.Rows), Number(o.Differing) + (o.Written || o.Differing == 0 ? "" : " (not written)"), Number(o.Changed), Number(o.Missing), Number(o.Extra),
                Number(o.Base), Number(o.Number), Number(o.Events), Seconds(o.Seconds), Seconds(o.LockedSeconds),
            }),
        ]);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => seconds.ToString("0.00", CultureInfo.InvariantCulture);
}
