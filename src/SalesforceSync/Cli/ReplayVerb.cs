using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Rebuild;

namespace SalesforceSync.Cli;

/// <summary><c>replay</c>: a rebuild of no more rows than those of the records that stored events told of since a position or a time.</summary>
internal static class ReplayVerb
{
    private static readonly Option<string> From = new("--from")
    {
        Description = "a received number (explain shows it), a replay id in hex (logs show it), or the time of commits with its zone, 2026-07-01T12:00:00Z",
        HelpName = "position|time",
        Required = true,
    };

    private static readonly Option<string[]> Object = new("--object") { Description = "API name of an object, more than once for several; without it all", HelpName = "name" };

    private static readonly Option<bool> Compare = new("--compare") { Description = "say what differs and change nothing" };

    private static readonly Option<bool> Yes = new("--yes") { Description = "write it however many rows differ" };

    public static IReadOnlyList<Option> Options { get; } = [From, Object, Compare, Yes];

    public static async Task<int> RunAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var (options, org, faults) = ChosenOrg.Of(configuration, orgName);
        if (org is null)
            return await Faults.PrintAsync(faults, surroundings.Error);
        var from = parsed.GetValue(From)!;
        if (ReplayStart.Of(from) is not { } start)
            return await Faults.PrintAsync([new("--from", from, "give a received number, a replay id in hex, or a time with its zone such as 2026-07-01T12:00:00Z")], surroundings.Error);
        await using var source = Postgres.Open(options!.Postgres.Reveal, "salesforce-sync replay");
        var named = parsed.GetValue(Object) ?? [];
        var known = (await RebuildVerb.KnownAsync(source, org.Name, stop)).Where(o => org.Objects.For(o).Include).ToList();
        if (named.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            return await Faults.PrintAsync([new("--object", unknown, $"is not copied; copied: {string.Join(", ", known)}")], surroundings.Error);
        var chosen = named.Length == 0 ? known : [.. known.Where(o => named.Contains(o, StringComparer.OrdinalIgnoreCase))];
        var rebuild = new TableRebuild(source, org.Name, org.Schema, name => ObjectRule.Of(org, name), surroundings.Time);
        EventsSince since;
        try
        {
            since = await EventsSince.ResolveAsync(source, org.Name, start, surroundings.Time.GetUtcNow(), stop);
        }
        catch (RebuildRefusedException refused)
        {
            return await ShowAsync(surroundings, json, org.Name, null, [], [refused.Message]);
        }
        var (outcomes, refusals) = (new List<RebuildOutcome>(), new List<string>());
        foreach (var objectName in chosen)
        {
            try
            {
                if (named.Length > 0)
                    await since.RefuseOtherChannelAsync(source, org.Name, objectName, stop);
                outcomes.Add(await rebuild.RunAsync(objectName, since, writes: !parsed.GetValue(Compare), parsed.GetValue(Yes), stop));
            }
            catch (RebuildRefusedException refused)
            {
                refusals.Add(refused.Message);
            }
        }
        // Of what was not named only what there is something to say of.
        return await ShowAsync(surroundings, json, org.Name, since, [.. outcomes.Where(o => named.Length > 0 || o.Told > 0)], refusals);
    }

    private static async Task<int> ShowAsync(Surroundings surroundings, bool json, string org, EventsSince? since, List<RebuildOutcome> outcomes, List<string> refusals)
    {
        foreach (var refusal in refusals)
            await surroundings.Error.WriteLineAsync(refusal);
        var code = refusals.Count > 0 ? ExitCode.Failed : ExitCode.Done;
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { org, from = since, objects = outcomes, refused = refusals }, JsonSerializerOptions.Web));
        if (json || (outcomes.Count == 0 && refusals.Count > 0))
            return code;
        await Screen.ShowAsync(
            surroundings, ["object", "records told of", "differing", "changed", "missing", "extra", "events", "seconds", "of it locked"],
            [
                .. outcomes.Select(o => new[]
                {
                    o.Object, Number(o.Told ?? 0), Number(o.Differing) + (o.Written || o.Differing == 0 ? "" : " (not written)"), Number(o.Changed), Number(o.Missing), Number(o.Extra),
                    Number(o.Events), Seconds(o.Seconds), Seconds(o.LockedSeconds),
                }),
            ]);
        return code;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => seconds.ToString("0.00", CultureInfo.InvariantCulture);
}
