using Microsoft.Extensions.Logging;
using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Database;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Month;

/// <summary>The figures of the API budget, counted by the server.</summary>
public class MonthTests(ITestOutputHelper output)
{
    private static readonly string[] Objects = ["Account", "Contact", "Lead", "Opportunity", "Invoice__c"];

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task The_stream_alone_costs_no_call_in_a_month()
    {
        await using var month = await MonthOrg.CreateAsync(o => o with { StartFrom = StartFrom.Earliest });
        var ids = Populate(month.Org, 3);
        month.Start();
        await month.SettleAsync();
        for (var day = 0; day < 30; day++)
        {
            await month.PassAsync(TimeSpan.FromHours(24));
            Touch(month.Org, ids, day);
            await month.SettleAsync();
        }
        output.WriteLine($"{month.Calls} calls, {month.Simulated.Counts.Tokens} sign-ins");
        month.Calls.ShouldBe(0, $"{string.Join(", ", month.Simulated.Counts.RestByKind)}; repairs: {await month.RepairsAsync()}\n{month.Log}");
        await month.ShouldEqualTruthAsync();
    }

    [PostgresFact]
    public async Task A_daily_sweep_of_five_unchanged_objects_costs_at_most_ten_calls_a_day()
    {
        await using var month = await MonthOrg.CreateAsync(Swept);
        Populate(month.Org, 3);
        await month.MissAsync();
        month.Start();
        await month.SettleAsync();
        for (var day = 0; day < 4; day++)
        {
            var (before, said) = (month.Calls, month.Lines.Count);
            await month.PassAsync(TimeSpan.FromHours(24));
            var lines = month.Lines.Skip(said).ToList();
            output.WriteLine($"day {day + 1}: {month.Calls - before} calls, {lines.Count} lines: {string.Join(", ", lines.CountBy(l => l.Id).Select(l => $"{l.Value} of {l.Key}"))}");
            // A quiet day is quiet: what the comparison of each object says, and little else.
            lines.Count.ShouldBeLessThanOrEqualTo(4 * Objects.Length + 8, string.Join('\n', lines.Select(l => $"{l.Id} {l.Text}")));
            // The clock runs ahead of a machine that is starved, and a call is given up after 30 s of it: that is not the day's doing.
            lines.Where(l => !l.Text.Contains("does not answer within", StringComparison.Ordinal)).ShouldAllBe(l => l.Level == LogLevel.Information);
            (month.Calls - before).ShouldBeInRange(5, 10, string.Join(", ", month.Simulated.Counts.RestByKind));
        }
        (await month.ScalarAsync<long>($"select count(*) from salesforce_sync.object where proven_at > '{month.Clock.GetUtcNow().AddHours(-25):u}'")).ShouldBe(5);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task A_month_of_ordinary_life_costs_less_than_a_quarter_of_the_budget() => LiveAsync(days: 30, outages: 3, budget: 2_500);

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Part)]
    public Task Three_days_of_ordinary_life_cost_less_than_their_part_of_it() => LiveAsync(days: 3, outages: 1, budget: 2_500 * 3 / 30);

    private async Task LiveAsync(int days, int outages, int budget)
    {
        await using var month = await MonthOrg.CreateAsync(Swept);
        var ids = Populate(month.Org, 12);
        await month.MissAsync();
        month.Start();
        await month.SettleAsync();
        for (var day = 1; day <= days; day++)
        {
            await month.StopAsync();
            month.Start();
            for (var part = 0; part < 5; part++)
            {
                // Each on another object, so that none can be fetched together with the others.
                foreach (var name in Objects.Where((_, i) => i != part))
                    Gap(month.Org, ids.Where(i => i.Object == name).ElementAt((day + part) % 9), $"{day}.{part}");
                await month.PassAsync(TimeSpan.FromHours(4.8));
            }
            if (day is 3 or 12)
                month.Org.AddField("Account", new SimulatedField(day == 3 ? "Region__c" : "Area__c", FieldKind.Text));
            Touch(month.Org, ids, day);
            if (day % 8 == 0 || day == days - 1 && days < 8)
                await OutageAsync(month, ids, day);
        }
        await month.SettleAsync();
        await month.ShouldEqualTruthAsync(new() { Repaired = true });
        output.WriteLine($"{month.Calls} calls: {string.Join(", ", month.Simulated.Counts.RestByKind)}; {month.Simulated.Counts.Tokens} sign-ins");
        month.Calls.ShouldBeLessThan(budget, string.Join(", ", month.Simulated.Counts.RestByKind));
        (await month.ScalarAsync<long>("select count(*) from salesforce_sync.coverage where state = 'repaired'")).ShouldBe(outages);
    }

    /// <summary>A million rows are as many pages; how large a page is costs nothing.</summary>
    [PostgresFact]
    public async Task A_snapshot_of_ten_pages_costs_at_most_thirty_calls_under_a_slow_job_too()
    {
        var chosen = new Dictionary<string, ObjectOptions> { ["Invoice__c"] = new() { Fields = new HashSet<string> { "Name" } }, [ObjectSelection.Rest] = new() { Include = false } };
        await using var month = await MonthOrg.CreateAsync(o => o with { Objects = new(chosen) }, new()
        {
            Crowd = new Dictionary<string, int> { ["Invoice__c"] = 10_000 },
            Bulk = new() { PageRows = 1_000, Duration = TimeSpan.FromMinutes(5) },
        });
        month.Start();
        await month.SettleAsync();
        output.WriteLine($"{month.Calls} calls: {string.Join(", ", month.Simulated.Counts.RestByKind)}");
        month.Simulated.Counts.RestByKind[CallKind.BulkResults].ShouldBe(10);
        month.Calls.ShouldBeLessThanOrEqualTo(30, string.Join(", ", month.Simulated.Counts.RestByKind));
        (await month.ScalarAsync<long>("""select count(*) from "acme"."invoice__c" where not _sync_incomplete""")).ShouldBe(10_000);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task A_hundred_thousand_gap_ids_cost_at_most_sixty_calls() => FetchAsync(records: 100_000, least: 50, most: 60);

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Part)]
    public Task Ten_thousand_gap_ids_cost_at_most_eight_calls() => FetchAsync(records: 10_000, least: 5, most: 8);

    private async Task FetchAsync(int records, int least, int most)
    {
        // Ids are counted, not bytes: one field is enough.
        var one = new ObjectOptions { Fields = new HashSet<string> { "LastName" } };
        await using var month = await MonthOrg.CreateAsync(o => o with { StartFrom = StartFrom.Earliest, Objects = new(new Dictionary<string, ObjectOptions> { ["Lead"] = one }) });
        Populate(month.Org, 1);
        month.Start();
        await month.SettleAsync();
        var spent = month.Calls;
        for (var i = 0; i < records / 1_000; i++)
            month.Org.Commit(draft => draft.GapCreate("Lead", 1_000, new Dictionary<string, object?> { ["LastName"] = "Unseen" }, foreignKey: false));
        await month.SettleAsync();
        output.WriteLine($"{month.Calls - spent} calls: {string.Join(", ", month.Simulated.Counts.RestByKind)}");
        (await month.ScalarAsync<long>("select count(*) from salesforce_sync.repair where state = 'done' and reason = 'gap_create'")).ShouldBe(records);
        (month.Calls - spent).ShouldBeInRange(least, most, string.Join(", ", month.Simulated.Counts.RestByKind));
        (await month.ScalarAsync<long>("""select count(*) from "acme"."lead" where lastname = 'Unseen' and not _sync_incomplete""")).ShouldBe(records);
    }

    /// <summary>Longer than events are kept, with changes before and after what is forgotten.</summary>
    private static async Task OutageAsync(MonthOrg month, List<(string Object, string Id)> ids, int day)
    {
        await month.StopAsync();
        Touch(month.Org, ids, day + 1);
        month.Org.Commit(draft => draft.Purge("Lead", ids.First(i => i.Object == "Lead").Id));
        ids.Remove(ids.First(i => i.Object == "Lead"));
        await month.MissAsync();
        month.Clock.Advance(TimeSpan.FromHours(73));
        Touch(month.Org, ids, day + 2);
        month.Start();
        await month.SettleAsync();
    }

    private static void Gap(SimulatedOrg org, (string Object, string Id) record, string value) => org.Commit(draft =>
        draft.GapUpdate(record.Object, record.Id, new Dictionary<string, object?> { [NameOf(record.Object)] = value }, foreignKey: false));

    private static SalesforceSync.Configuration.OrgOptions Swept(SalesforceSync.Configuration.OrgOptions options) =>
        options with { Sweep = CronSchedule.TryParse("30 2 * * *", out _) };

    private static List<(string Object, string Id)> Populate(SimulatedOrg org, int each)
    {
        var ids = new List<(string, string)>();
        foreach (var name in Objects)
        {
            for (var i = 0; i < each; i++)
                org.Commit(draft => ids.Add((name, draft.Create(name, new Dictionary<string, object?> { [NameOf(name)] = $"{name} {i}" }))));
        }
        return ids;
    }

    private static void Touch(SimulatedOrg org, List<(string Object, string Id)> ids, int day)
    {
        var (name, id) = ids[day % ids.Count];
        org.Commit(draft => draft.Update(name, id, new Dictionary<string, object?> { [NameOf(name)] = $"on day {day}" }));
    }

    private static string NameOf(string name) => name is "Contact" or "Lead" ? "LastName" : "Name";
}
