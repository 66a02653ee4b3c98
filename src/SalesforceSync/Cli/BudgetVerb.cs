using System.Globalization;
using System.Text.Json;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Status;

namespace SalesforceSync.Cli;

/// <summary><c>budget</c>: what the month's calls were spent on and what they will come to; costs none itself.</summary>
internal static class BudgetVerb
{
    public static async Task<int> RunAsync(string? org, bool json, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var options = configuration.ReadAll();
        List<ConfigurationFault> faults = [.. configuration.Faults];
        if (options is not null && org is not null && options.Orgs.All(o => o.Name != org))
            faults.Add(Faults.UnknownOrg(org, options.Orgs.Select(o => o.Name)));
        if (faults.Count > 0)
            return await Faults.PrintAsync(faults, surroundings.Error);
        await using var source = Postgres.Open(options!.Postgres.Reveal, "salesforce-sync budget");
        var reader = new BudgetReader(source);
        var budgets = new List<OrgBudget>();
        foreach (var one in options.Orgs.Where(o => org is null || o.Name == org))
            budgets.Add(await reader.ReadAsync(one, stop));
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new BudgetDocument(budgets), JsonSerializerOptions.Web));
        else
            await ShowAsync(surroundings, budgets);
        return ExitCode.Done;
    }

    private static async Task ShowAsync(Surroundings surroundings, IReadOnlyList<OrgBudget> budgets)
    {
        await Screen.ShowAsync(surroundings, ["org", "class", "spent", "forecast", "of", "refused", "refused since"],
            [.. budgets.SelectMany(b => b.Classes.Select(c => Row(b.Name, c)).Append(
                [b.Name, "all", Number(b.Spent), Number(b.Forecast), Number(b.Limit), Number(b.Classes.Sum(c => c.Refused)), ""]))]);
        foreach (var budget in budgets)
        {
            var lines = new List<string>
            {
                $"{budget.Name}: {budget.Spent} of {budget.Limit} calls spent since {budget.Month:yyyy-MM-dd}, {budget.Reserve} of them kept for repair; a new month begins {Time(budget.Until)}",
                budget.Usage is { } usage
                    ? $"{budget.Name}: the org itself had used {usage.Used} of its {usage.Limit} calls of 24 hours at {Time(usage.At)}, all its clients together"
                    : $"{budget.Name}: the org has not said yet what it has used itself",
                $"{budget.Name}: {budget.Delivered.Last24Hours} of {budget.Delivered.Allowance} events delivered to us in the last 24 hours; at the pace of the last hours a day comes to {budget.Delivered.Forecast}",
            };
            if (budget.ClosedUntil is { } until)
                lines.Add($"{budget.Name}: Salesforce refuses calls; the next goes out at {Time(until)}");
            foreach (var line in lines)
                await surroundings.Out.WriteLineAsync(line);
        }
    }

    private static string[] Row(string org, ClassBudget row) =>
        [org, row.Class, Number(row.Spent), Number(row.Forecast), "", Number(row.Refused), row.RefusedSince is { } since ? Time(since) : ""];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);
}
