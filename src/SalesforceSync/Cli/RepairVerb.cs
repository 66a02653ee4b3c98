using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SalesforceSync.Cli.Readings;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Explain;
using SalesforceSync.Repair;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Cli;

/// <summary>
/// <c>repair</c>: has records, or a whole object, fetched from Salesforce again by the worker that has the org; without an object it shows what is open. The
/// price comes first; the request stays in the database, so that leaving early stops nothing. 0 when all is fetched, 3 when something stayed open.
/// </summary>
internal static class RepairVerb
{
    private static readonly Option<string?> Object = new("--object") { Description = "API name of the object; without it what is open is shown", HelpName = "name" };

    private static readonly Option<string[]> Id = new("--id") { Description = "id of a record, more than once for several; without it the whole object", HelpName = "id" };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "show the price and do nothing" };

    private static readonly Option<bool> NoWait = new("--no-wait") { Description = "return as soon as it is asked for" };

    private static readonly Option<bool> Yes = new("--yes") { Description = "do it even where it costs much" };

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);

    /// <summary>Without any progress for so long, what is open stays open for now; the worker goes on with it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static IReadOnlyList<Option> Options { get; } = [Object, Id, DryRun, NoWait, Yes];

    public static async Task<int> RunAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        if (configuration.ReadAll() is not { } options || configuration.Faults.Count > 0)
            return await Faults.PrintAsync(configuration.Faults, surroundings.Error);
        await using var source = Postgres.Open(options.Postgres.Reveal, "salesforce-sync repair");
        var orders = new RepairOrders(source);
        if (orgName is not null && options.Orgs.All(o => o.Name != orgName))
            return await Faults.PrintAsync([Faults.UnknownOrg(orgName, options.Orgs.Select(o => o.Name))], surroundings.Error);
        if (parsed.GetValue(Object) is not { } named)
        {
            return parsed.GetValue(Id) is { Length: > 0 } ids
                ? await Faults.PrintAsync([new("--object", ConfigurationFault.Missing, $"name the object of {ids[0]}")], surroundings.Error)
                : await ShowOpenAsync(await orders.OpenAsync(orgName, stop), json, surroundings);
        }
        if ((orgName is null && options.Orgs.Count == 1 ? options.Orgs[0] : options.Orgs.FirstOrDefault(o => o.Name == orgName)) is not { } org)
            return await Faults.PrintAsync([Faults.UnknownOrg("", options.Orgs.Select(o => o.Name))], surroundings.Error);
        return await RequestAsync(org, named, parsed, (json, surroundings), orders, new OrderedReadings(source, org.Name), stop);
    }

    private static async Task<int> RequestAsync(
        OrgOptions org, string named, ParseResult parsed, (bool Json, Surroundings Surroundings) screen, RepairOrders orders, OrderedReadings readings, CancellationToken stop)
    {
        var (json, surroundings) = screen;
        var known = (await readings.KnownAsync(org.Schema, stop)).Where(k => org.Objects.For(k.Object).Include).ToList();
        if (known.Find(k => k.Object.Equals(named, StringComparison.OrdinalIgnoreCase)) is not { } target)
            return await Faults.PrintAsync([new("--object", named, $"is not copied; copied: {string.Join(", ", known.Select(k => k.Object))}")], surroundings.Error);
        var (records, fault) = Records(parsed.GetValue(Id) ?? [], target);
        if (fault is not null)
            return await Faults.PrintAsync([fault], surroundings.Error);
        if (target.State != "copied")
            return await Faults.PrintAsync([new("--object", target.Object, $"is {target.State}: nothing of it is fetched before it is copied again (resume)")], surroundings.Error);
        var price = records.Count == 0 ? CallPrice.Snapshot(target.Rows ?? 0) : CallPrice.Repair(records.Count);
        if (!json)
            await surroundings.Out.WriteLineAsync($"{target.Object}: {(records.Count == 0 ? "the whole object" : $"{records.Count} records")}; price: about {price} API calls");
        if (parsed.GetValue(DryRun))
            return await EndAsync(surroundings, json, (org.Name, target.Object, price), []);
        if (price > org.ApiBudget.CallsPerMonth / 10 && !parsed.GetValue(Yes))
            return await Faults.PrintAsync([new("--yes", $"{price} calls", "that is more than a tenth of the month's calls: add --yes to do it")], surroundings.Error);
        var asked = await orders.AskAsync(org.Name, target.Object, records, stop);
        var idle = await readings.IdleAsync(stop);
        if (idle is not null)
            await surroundings.Error.WriteLineAsync(idle);
        var ended = idle is null && !parsed.GetValue(NoWait) ? await FollowAsync(orders, asked, surroundings, stop) : await orders.StandAsync(asked, stop);
        var code = await EndAsync(surroundings, json, (org.Name, target.Object, price), ended);
        return parsed.GetValue(NoWait) ? ExitCode.Done : code;
    }

    private static (IReadOnlyList<string> Records, ConfigurationFault? Fault) Records(string[] given, KnownObject target)
    {
        var records = new List<string>();
        foreach (var text in given)
        {
            if (RecordLife.IdOf(text) is not { } id)
                return ([], new("--id", text, "a record's id has 15 or 18 letters and digits"));
            if (target.KeyPrefix is { } prefix && !id.StartsWith(prefix, StringComparison.Ordinal))
                return ([], new("--id", text, $"is no id of {target.Object}: those begin with {prefix}"));
            if (!records.Contains(id))
                records.Add(id);
        }
        return (records, null);
    }

    private static async Task<IReadOnlyList<RequestedRepair>> FollowAsync(RepairOrders orders, IReadOnlyList<long> asked, Surroundings surroundings, CancellationToken stop)
    {
        using var signals = new StopSignals();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, signals.Stop);
        var (moved, before) = (surroundings.Time.GetTimestamp(), "");
        while (true)
        {
            var now = await orders.StandAsync(asked, stop);
            if (now.All(r => r.IsOver) || either.IsCancellationRequested || surroundings.Time.GetElapsedTime(moved) > Patience)
                return now;
            var open = now.Where(r => !r.IsOver).ToList();
            var progress = $"{now.Count - open.Count} of {now.Count} done{(open.Find(r => r.Message is not null) is { } waits ? $"; {waits.Message}" : "")}";
            if (progress != before)
            {
                (moved, before) = (surroundings.Time.GetTimestamp(), progress);
                await surroundings.Error.WriteLineAsync(progress);
            }
            try
            {
                await Task.Delay(Look, surroundings.Time, either.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                await surroundings.Error.WriteLineAsync("not followed any more; the worker goes on with it");
            }
        }
    }

    private static async Task<int> EndAsync(Surroundings surroundings, bool json, (string Org, string Object, int Price) terms, IReadOnlyList<RequestedRepair> repairs)
    {
        if (json)
        {
            var document = new { org = terms.Org, @object = terms.Object, price = terms.Price, repairs };
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(document, JsonSerializerOptions.Web));
        }
        else if (repairs.Count > 0)
        {
            await surroundings.Out.WriteLineAsync(Counts(repairs));
            if (repairs.Any(r => r.State != "done"))
                await Screen.ShowAsync(surroundings, ["record", "state", "tries", "next", "why"], [.. repairs.Where(r => r.State != "done").Select(Row)]);
        }
        return repairs.All(r => r.State == "done") ? ExitCode.Done : ExitCode.Degraded;
    }

    private static string Counts(IReadOnlyList<RequestedRepair> repairs) =>
        string.Join(", ", repairs.GroupBy(r => r.State).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{Number(g.Count())} {g.Key}"));

    private static async Task<int> ShowOpenAsync(IReadOnlyList<OpenRepair> open, bool json, Surroundings surroundings)
    {
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { open }, JsonSerializerOptions.Web));
        else
            await Screen.ShowAsync(surroundings, ["org", "object", "reason", "state", "records", "since", "tries", "next", "why"],
                [.. open.Select(o => (string[])[o.Org, o.Object, o.Reason, o.State, o.Records is { } n ? Number(n) : "whole", Moment(o.Since), Number(o.Tries), Moment(o.NextAt), o.Message ?? "-"])]);
        return ExitCode.Done;
    }

    private static string[] Row(RequestedRepair repair) =>
        [repair.RecordId ?? "whole", repair.State, Number(repair.Tries), Moment(repair.NextAt), repair.Message ?? "-"];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Moment(DateTime? at) => at?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-";
}
