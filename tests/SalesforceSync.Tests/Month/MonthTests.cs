using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Month;

/// <summary>The figures of the API budget, counted by the server.</summary>
public class MonthTests
{
    private static readonly string[] Objects = ["Account", "Contact", "Lead", "Opportunity", "Invoice__c"];

    [PostgresFact]
    public async Task The_stream_alone_costs_no_call_in_a_month()
    {
        await using var month = await MonthOrg.CreateAsync(o => o with { StartFrom = StartFrom.Earliest });
        var ids = Populate(month.Org, 3);
        month.Start();
        await month.SettleAsync(objects: 0);
        for (var day = 0; day < 30; day++)
        {
            await month.PassAsync(TimeSpan.FromHours(24));
            Touch(month.Org, ids, day);
            await month.SettleAsync(objects: 0);
        }
        month.Calls.ShouldBe(0, string.Join(", ", month.Simulated.Counts.RestByKind));
        await month.ShouldEqualTruthAsync();
    }

    [PostgresFact]
    public async Task A_daily_sweep_of_five_unchanged_objects_costs_at_most_ten_calls_a_day()
    {
        await using var month = await MonthOrg.CreateAsync(Swept);
        Populate(month.Org, 3);
        month.Start();
        await month.SettleAsync();
        for (var day = 0; day < 8; day++)
        {
            var before = month.Calls;
            await month.PassAsync(TimeSpan.FromHours(24));
            (month.Calls - before).ShouldBeInRange(5, 10, string.Join(", ", month.Simulated.Counts.RestByKind));
        }
        (await month.ScalarAsync<long>($"select count(*) from salesforce_sync.object where proven_at > '{month.Clock.GetUtcNow().AddHours(-25):u}'")).ShouldBe(5);
    }

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
