using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Cli.Readings;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Cli;

/// <summary>What copying one object costs in API calls.</summary>
/// <param name="Rows">Null where nobody knows how many there are.</param>
internal sealed record ObjectPlan(string Object, long? Rows, int Snapshot, int Sweep);

/// <summary>What copying an org costs in API calls.</summary>
/// <param name="Month">Daily sweeps and sign-ins of a month of 30 days; the stream itself costs none.</param>
internal sealed record OrgPlan(string Org, IReadOnlyList<ObjectPlan> Objects, int Snapshot, int SweepPerDay, int Month, int CallsPerMonth, int CallsSpent);

/// <summary><c>plan</c>: what the first snapshot, the daily sweep and a month cost, before anything runs. Makes no call unless asked to count.</summary>
internal static class PlanVerb
{
    private const int DaysPerMonth = 30;

    /// <summary>A token is good for two hours where nothing else is said, and only asked for anew when it is needed.</summary>
    private const int SignInsPerDay = 2;

    private static readonly Option<bool> Count = new("--count") { Description = "ask Salesforce how many records each object has: a call for each" };

    public static IReadOnlyList<Option> Options { get; } = [Count];

    public static async Task<int> RunAsync(string? orgName, bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        if (configuration.ReadAll() is not { } options || configuration.Faults.Count > 0)
            return await Faults.PrintAsync(configuration.Faults, surroundings.Error);
        var orgs = options.Orgs.Where(o => orgName is null || o.Name == orgName).ToList();
        if (orgs.Count == 0)
            return await Faults.PrintAsync([Faults.UnknownOrg(orgName!, options.Orgs.Select(o => o.Name))], surroundings.Error);
        await using var source = Postgres.Open(options.Postgres.Reveal, "salesforce-sync plan");
        var plans = new List<OrgPlan>();
        try
        {
            foreach (var org in orgs)
                plans.Add(await PlanAsync(org, source, parsed.GetValue(Count), surroundings.Time, stop));
        }
        catch (Exception refused) when (refused is RestException or SalesforceUnreachableException or SignInException or BudgetSpentException)
        {
            await surroundings.Error.WriteLineAsync(refused.Message);
            return ExitCode.Failed;
        }
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { orgs = plans }, JsonSerializerOptions.Web));
        else
            foreach (var plan in plans) await ShowAsync(surroundings, plan);
        return ExitCode.Done;
    }

    private static async Task<OrgPlan> PlanAsync(OrgOptions org, NpgsqlDataSource source, bool count, TimeProvider time, CancellationToken stop)
    {
        var known = (await new OrderedReadings(source, org.Name).KnownAsync(org.Schema, stop)).Where(k => org.Objects.For(k.Object).Include).ToList();
        if (known.Count == 0)
            known = [.. org.Objects.Named.Where(o => o.Value.Include).Select(o => new KnownObject(o.Key, org.Channels[0], "copied", null, null))];
        if (count)
            known = await CountAsync(org, known, source, time, stop);
        List<ObjectPlan> objects = [.. known.Select(k => new ObjectPlan(k.Object, k.Rows, CallPrice.Snapshot(k.Rows ?? 0), CallPrice.Sweep(k.Rows ?? 0)))];
        var sweep = objects.Sum(o => o.Sweep);
        return new(
            org.Name, objects, objects.Sum(o => o.Snapshot), sweep, (sweep + SignInsPerDay) * DaysPerMonth, org.ApiBudget.CallsPerMonth,
            await SpentAsync(source, org.Name, stop));
    }

    private static async Task<List<KnownObject>> CountAsync(OrgOptions org, List<KnownObject> known, NpgsqlDataSource source, TimeProvider time, CancellationToken stop)
    {
        using var loggers = LoggerFactory.Create(_ => { });
        using var http = new SalesforceHttp(new ApiLedger(source, org.ApiBudget, time, loggers.CreateLogger<ApiLedger>()), time, loggers.CreateLogger<SalesforceHttp>());
        using var tokens = new TokenSource(org, http, new RotatedTokenStore(source), time, loggers.CreateLogger<TokenSource>(), attempts: 2);
        var rest = new RestClient(org, tokens, http);
        var counted = new List<KnownObject>();
        foreach (var one in known)
            counted.Add(one with { Rows = await rest.CountAsync(one.Object, CallClass.Snapshot, stop) });
        return counted;
    }

    private static async Task<int> SpentAsync(NpgsqlDataSource source, string org, CancellationToken stop)
    {
        await using var spent = source.CreateCommand("""
            select coalesce(sum(calls), 0)::integer from salesforce_sync.api_call
            where org = $1 and at >= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'
            """);
        spent.Parameters.Add(new() { Value = org });
        return (int)(await spent.ExecuteScalarAsync(stop))!;
    }

    private static async Task ShowAsync(Surroundings surroundings, OrgPlan plan)
    {
        static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
        await Screen.ShowAsync(surroundings, [plan.Org, "rows", "snapshot calls", "sweep calls"],
        [
            .. plan.Objects.Select(o => new[] { o.Object, o.Rows is { } rows ? Number(rows) : "unknown", Number(o.Snapshot), Number(o.Sweep) }),
            ["all", "", Number(plan.Snapshot), Number(plan.SweepPerDay)],
        ]);
        if (plan.Objects.Count == 0)
            await surroundings.Out.WriteLineAsync($"{plan.Org}: no object is known yet: the first run finds out which there are");
        if (plan.Objects.Any(o => o.Rows is null))
            await surroundings.Out.WriteLineAsync($"{plan.Org}: of some objects it is not known how many records they have: add --count, a call for each");
        await surroundings.Out.WriteLineAsync(
            $"{plan.Org}: a month of daily sweeps costs about {plan.Month} calls of {plan.CallsPerMonth}; {plan.CallsSpent} are spent this month; the stream costs none");
    }
}
