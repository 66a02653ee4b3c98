using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SalesforceSync.Cli.Readings;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Cli;

/// <summary>
/// <c>snapshot</c>: has objects read whole, or in part, by the worker that has the org. Shows the price first and how it goes; the request stays in the
/// database, so that leaving early stops nothing.
/// </summary>
internal static class SnapshotVerb
{
    private static readonly Option<string[]> Object = new("--object") { Description = "API name of an object, more than once for several", HelpName = "name" };

    private static readonly Option<bool> All = new("--all") { Description = "every object that is copied" };

    private static readonly Option<DateTimeOffset?> Since = new("--since") { Description = "only records changed since (2026-01-31T00:00:00Z)", HelpName = "time" };

    private static readonly Option<string?> Where = new("--where") { Description = "only records that fulfil this SOQL condition", HelpName = "condition" };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "show the price and do nothing" };

    private static readonly Option<bool> NoWait = new("--no-wait") { Description = "return as soon as it is asked for" };

    private static readonly Option<bool> Accept = new("--accept-absences") { Description = "however many records are gone, delete them here: somebody has looked (needs --yes)" };

    private static readonly Option<bool> Yes = new("--yes") { Description = "do it even where it costs or deletes much" };

    /// <summary>So long the worker is waited for to ask the org for its objects; it does so later all the same.</summary>
    private static readonly TimeSpan DiscoveryPatience = TimeSpan.FromSeconds(30);

    public static IReadOnlyList<Option> Options { get; } = [Object, All, Since, Where, DryRun, NoWait, Accept, Yes];

    public static async Task<int> RunAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        if (configuration.ReadAll() is not { } options || configuration.Faults.Count > 0)
            return await Faults.PrintAsync(configuration.Faults, surroundings.Error);
        if ((orgName is null && options.Orgs.Count == 1 ? options.Orgs[0] : options.Orgs.FirstOrDefault(o => o.Name == orgName)) is not { } org)
            return await Faults.PrintAsync([Faults.UnknownOrg(orgName ?? "", options.Orgs.Select(o => o.Name))], surroundings.Error);
        var order = new SnapshotOrder(parsed.GetValue(Object) ?? [], parsed.GetValue(Since), parsed.GetValue(Where), parsed.GetValue(Accept));
        if (Misuse(order, parsed) is { } misuse)
            return await Faults.PrintAsync([misuse], surroundings.Error);
        await using var source = Postgres.Open(options.Postgres.Reveal, "salesforce-sync snapshot");
        var readings = new OrderedReadings(source, org.Name);
        var known = (await readings.KnownAsync(org.Schema, stop)).Where(k => org.Objects.For(k.Object).Include).ToList();
        if (order.Objects.FirstOrDefault(name => known.All(k => !k.Object.Equals(name, StringComparison.OrdinalIgnoreCase))) is { } unknown)
            return await Faults.PrintAsync([new("--object", unknown, $"is not copied; copied: {Known(known)}")], surroundings.Error);
        if (order.Objects.Count > 0)
            known = [.. known.Where(k => order.Objects.Contains(k.Object, StringComparer.OrdinalIgnoreCase))];
        if (known.Count == 0)
            return await Faults.PrintAsync([new("--all", org.Name, "no object is known yet: start run once")], surroundings.Error);
        var price = known.Sum(k => CallPrice.Snapshot(k.Rows ?? 0));
        if (!json)
            await ShowPriceAsync(surroundings, known, price);
        if (parsed.GetValue(DryRun))
            return await EndAsync(surroundings, json, org.Name, price, [], []);
        if (price > org.ApiBudget.CallsPerMonth / 10 && !parsed.GetValue(Yes))
            return await Faults.PrintAsync([new("--yes", $"{price} calls", "that is more than a tenth of the month's calls: add --yes to do it")], surroundings.Error);
        if (order is { Objects.Count: 0, Proves: true })
            known = await ChosenSinceAsync(surroundings, readings, org, known, parsed.GetValue(NoWait), stop);
        return await DoAsync(surroundings, readings, order, known, (json, parsed.GetValue(NoWait), org.Name, price), stop);
    }

    /// <summary>All objects that are known once the worker has asked the org: those chosen since it last did belong to all.</summary>
    private static async Task<List<KnownObject>> ChosenSinceAsync(
        Surroundings surroundings, OrderedReadings readings, OrgOptions org, List<KnownObject> known, bool noWait, CancellationToken stop)
    {
        await readings.DiscoverAsync(stop);
        if (noWait || await readings.IdleAsync(stop) is not null)
            return known;
        for (var began = surroundings.Time.GetTimestamp(); !await readings.IsDiscoveredAsync(stop);)
        {
            if (surroundings.Time.GetElapsedTime(began) > DiscoveryPatience)
            {
                await surroundings.Error.WriteLineAsync("the worker has not asked the org for its objects yet: those chosen since are read when it has");
                return known;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200), surroundings.Time, stop);
        }
        var now = (await readings.KnownAsync(org.Schema, stop)).Where(k => org.Objects.For(k.Object).Include).ToList();
        if (now.ExceptBy(known.Select(k => k.Object), k => k.Object).ToList() is { Count: > 0 } more)
            await surroundings.Error.WriteLineAsync($"chosen since: {Known(more)}");
        return now;
    }

    private static async Task<int> DoAsync(
        Surroundings surroundings, OrderedReadings readings, SnapshotOrder order, List<KnownObject> known, (bool Json, bool NoWait, string Org, int Price) terms,
        CancellationToken stop)
    {
        var (ids, open) = await readings.AskAsync(order, known, stop);
        if (open.Count > 0)
            await surroundings.Error.WriteLineAsync($"being read already, and not asked for again: {string.Join(", ", open)}");
        if (await readings.IdleAsync(stop) is { } idle)
            await surroundings.Error.WriteLineAsync(idle);
        if (terms.NoWait)
            return await EndAsync(surroundings, terms.Json, terms.Org, terms.Price, await readings.StatusAsync(ids, stop), open);
        using var signals = new StopSignals();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, signals.Stop);
        try
        {
            var ended = await new ReadingScreen(surroundings, readings).FollowAsync(ids, terms.Json, either.Token);
            return await EndAsync(surroundings, terms.Json, terms.Org, terms.Price, ended, open);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            await surroundings.Error.WriteLineAsync("not followed any more; the worker goes on with it");
            return ExitCode.Failed;
        }
    }

    private static ConfigurationFault? Misuse(SnapshotOrder order, ParseResult parsed) => order switch
    {
        { Objects.Count: 0 } when !parsed.GetValue(All) => new("--object", "", "name an object, or give --all"),
        { Objects.Count: > 0 } when parsed.GetValue(All) => new("--all", string.Join(", ", order.Objects), "name objects or give --all, not both"),
        { Condition: { } condition } when string.IsNullOrWhiteSpace(condition) => new("--where", "", "give a SOQL condition"),
        { AcceptAbsences: true, Proves: false } => new("--accept-absences", "", "only a reading of everything shows what is gone: leave out --since and --where"),
        { AcceptAbsences: true } when !parsed.GetValue(Yes) => new("--accept-absences", "", "this may delete much: add --yes"),
        _ => null,
    };

    private static string Known(IEnumerable<KnownObject> known) => string.Join(", ", known.Select(k => k.Object));

    private static async Task ShowPriceAsync(Surroundings surroundings, List<KnownObject> known, int price)
    {
        await Screen.ShowAsync(surroundings, ["object", "rows", "calls"],
            [.. known.Select(k => new[] { k.Object, k.Rows?.ToString(CultureInfo.InvariantCulture) ?? "unknown", CallPrice.Snapshot(k.Rows ?? 0).ToString(CultureInfo.InvariantCulture) })]);
        await surroundings.Out.WriteLineAsync($"price: about {price} API calls");
    }

    private static async Task<int> EndAsync(
        Surroundings surroundings, bool json, string org, int price, IReadOnlyList<ReadingStatus> readings, IReadOnlyList<string> open)
    {
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { org, price, readings, alreadyOpen = open }, JsonSerializerOptions.Web));
        return readings.Any(r => r.State == "failed") ? ExitCode.Failed : ExitCode.Done;
    }
}
