using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Sweep;

namespace SalesforceSync.Cli;

/// <summary>
/// <c>verify</c>: has the running worker compare objects with Salesforce and repair what differs, and shows what came of it. 0 when all are equal (after the
/// repair), 3 when something stayed open, 1 when nobody is there to do it.
/// </summary>
internal static class VerifyVerb
{
    public static readonly Option<string?> Org = new("--org") { Description = "this org only", HelpName = "name" };

    public static readonly Option<string[]> Object = new("--object") { Description = "this object; may be given several times", HelpName = "name" };

    public static readonly Option<bool> All = new("--all") { Description = "every object that is copied" };

    public static readonly Option<bool> Deep = new("--deep") { Description = "read every field of every record: shows what moves no stamp" };

    public static readonly Option<bool> DryRun = new("--dry-run") { Description = "show the price and do nothing" };

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    /// <summary>Without any progress for so long, what is open stays open for now; the worker goes on with it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(ParseResult given, bool json, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var postgres = configuration.ReadPostgres();
        if (configuration.Faults.Count > 0)
            return await Faults.PrintAsync(configuration.Faults, surroundings.Error);
        await using var source = Postgres.Open(postgres!.Value.Reveal, "salesforce-sync verify");
        var requests = new VerifyRequests(source);
        var known = await requests.ObjectsAsync(given.GetValue(Org), stop);
        var (objects, faults) = Chosen(known, given);
        if (faults.Count > 0)
            return await Faults.PrintAsync(faults, surroundings.Error);
        var deep = given.GetValue(Deep);
        if (given.GetValue(DryRun))
            return await ShowPriceAsync(objects, deep, json, surroundings);
        if (objects.FirstOrDefault(o => !o.IsOwned) is { } idle)
        {
            await surroundings.Error.WriteLineAsync(idle.IsPaused ? $"{idle.Org}: is paused: nothing is compared before `salesforce-sync resume --org {idle.Org}`" : $"{idle.Org}: no worker runs that could compare: start `salesforce-sync run`");
            return ExitCode.Failed;
        }
        foreach (var price in objects.GroupBy(o => o.Org))
            await surroundings.Error.WriteLineAsync($"{price.Key}: comparing {price.Count()} objects for about {price.Sum(o => Price(o, deep))} calls");
        var ids = await requests.AskAsync(objects, deep, stop);
        var verified = await WatchAsync(requests, ids, surroundings, stop);
        await ShowAsync(verified, json, surroundings);
        return verified.All(v => v.IsEqual) ? ExitCode.Done : ExitCode.Degraded;
    }

    private static (IReadOnlyList<VerifyRequests.Known> Objects, List<ConfigurationFault> Faults) Chosen(IReadOnlyList<VerifyRequests.Known> known, ParseResult given)
    {
        var faults = new List<ConfigurationFault>();
        var names = given.GetValue(Object) ?? [];
        if (names.Length == 0 && !given.GetValue(All))
            faults.Add(new("--object", ConfigurationFault.Missing, "name an object, or give --all"));
        if (given.GetValue(Org) is { } org && known.Count == 0)
            faults.Add(Faults.UnknownOrg(org, []));
        foreach (var name in names.Where(n => !known.Any(k => k.Object.Equals(n, StringComparison.OrdinalIgnoreCase))))
            faults.Add(new("--object", name, $"is not copied; copied are {string.Join(", ", known.Select(k => k.Object).Distinct())}"));
        return ([.. known.Where(k => k.State != "paused" && (names.Length == 0 || names.Contains(k.Object, StringComparer.OrdinalIgnoreCase)))], faults);
    }

    private static async Task<IReadOnlyList<VerifiedObject>> WatchAsync(VerifyRequests requests, IReadOnlyList<long> ids, Surroundings surroundings, CancellationToken stop)
    {
        var moved = surroundings.Time.GetTimestamp();
        var before = "";
        while (true)
        {
            var now = await requests.LookAsync(ids, stop);
            if (now.All(v => v.IsOver))
                return now;
            var progress = string.Join(", ", now.Where(v => !v.IsOver).Select(v => v.State == "done" ? $"{v.Object} repairing {v.StillOpen}" : $"{v.Object} {v.State}{(v.Message is null ? "" : $" ({v.Message})")}"));
            if (progress != before)
            {
                moved = surroundings.Time.GetTimestamp();
                await surroundings.Error.WriteLineAsync($"{now.Count(v => v.IsOver)} of {now.Count} compared; {progress}");
            }
            before = progress;
            if (surroundings.Time.GetElapsedTime(moved) > Patience)
                return now;
            await Task.Delay(Interval, surroundings.Time, stop);
        }
    }

    private static int Price(VerifyRequests.Known known, bool deep)
    {
        var plan = SweepPlan.Of(known.RowsThere, [], false, 0, 0);
        // A reading of all fields is always a Bulk job, which is described and looked at before its pages are read.
        return deep ? SweepPlan.Of(Math.Max(known.RowsThere ?? 0, SweepPlan.RestPage * 3), [], false, 0, 0).Price + 2 : plan.Price;
    }

    private static async Task<int> ShowPriceAsync(IReadOnlyList<VerifyRequests.Known> objects, bool deep, bool json, Surroundings surroundings)
    {
        if (json)
        {
            var document = new { objects = objects.Select(o => new { o.Org, o.Object, o.RowsHere, o.RowsThere, o.ProvenAt, price = Price(o, deep) }) };
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(document, JsonSerializerOptions.Web));
            return ExitCode.Done;
        }
        await Screen.ShowAsync(surroundings, ["org", "object", "rows here", "rows there", "proven at", "calls"],
            [.. objects.Select(o => (string[])[o.Org, o.Object, Number(o.RowsHere), Number(o.RowsThere), Moment(o.ProvenAt), Number(Price(o, deep))])]);
        return ExitCode.Done;
    }

    private static async Task ShowAsync(IReadOnlyList<VerifiedObject> verified, bool json, Surroundings surroundings)
    {
        if (json)
        {
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { objects = verified, equal = verified.All(v => v.IsEqual) }, JsonSerializerOptions.Web));
            return;
        }
        await Screen.ShowAsync(surroundings, ["org", "object", "rows here", "rows there", "differing", "columns", "repaired", "calls", "proven at", "result"],
            [.. verified.Select(v => (string[])[
                v.Org, v.Object, Number(v.RowsHere), Number(v.RowsThere), Number(v.Differing), Columns(v), Number(v.Repaired), Number(v.Calls), Moment(v.ProvenAt), Result(v)])]);
    }

    private static string Result(VerifiedObject v) => v switch
    {
        { IsEqual: true } => "equal",
        { State: "failed" } => v.Message ?? "failed",
        { StillOpen: > 0 } => $"{v.StillOpen} records are still being repaired",
        _ => v.Message ?? v.State,
    };

    private static string Columns(VerifiedObject v) => v.Columns.Count == 0 ? "-" : string.Join(", ", v.Columns.Select(c => $"{c.Key} {Number(c.Value)}"));

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Moment(DateTime? at) => at?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-";
}
