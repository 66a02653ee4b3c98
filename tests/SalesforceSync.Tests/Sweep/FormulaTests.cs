using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Sweep;

public class FormulaTests
{
    [PostgresFact]
    public async Task Calculated_fields_are_read_anew_with_the_sweep()
    {
        await using var swept = await SweptOrg.StartAsync(
            change: o => o with { Sweep = CronSchedule.TryParse("30 2 * * *", out _), Formulas = FormulaPolicy.Refresh });
        swept.Org.AddField("Account", new SimulatedField("Phone_Label__c", FieldKind.Text) { Writable = false, Formula = (value, _) => $"phone {value("Phone")}" });
        var ids = await swept.AccountsAsync(5);
        await RunAsync(swept);
        (await swept.Copied.ScalarAsync<long>("select count(*) from acme.account where phone_label__c = 'phone 1'")).ShouldBe(5);
        var before = await swept.Copied.ScalarAsync<DateTime>("select formulas_at from salesforce_sync.object where object = 'Account'");
        swept.Org.Commit(draft => draft.Update("Account", ids[2], new Dictionary<string, object?> { ["Phone"] = "7" }));
        await swept.Copied.CaughtUpAsync();
        await RunAsync(swept);
        (await swept.Copied.ScalarAsync<string>($"select phone_label__c from acme.account where id = '{ids[2]}'")).ShouldBe("phone 7");
        (await swept.Copied.ScalarAsync<DateTime>("select formulas_at from salesforce_sync.object where object = 'Account'")).ShouldBeGreaterThan(before);
        await swept.Copied.ShouldEqualTruthAsync(new() { Repaired = true, Formulas = true });
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task Without_being_asked_for_they_get_no_column()
    {
        await using var swept = await SweptOrg.StartAsync(change: o => o with { Sweep = CronSchedule.TryParse("30 2 * * *", out _) });
        swept.Org.AddField("Account", new SimulatedField("Phone_Label__c", FieldKind.Text) { Writable = false, Formula = (value, _) => $"phone {value("Phone")}" });
        await swept.AccountsAsync(5);
        await swept.Copied.UntilAsync("select sweep_asked_at is not null from salesforce_sync.object where object = 'Account'");
        await swept.Copied.ScalarAsync<int>("update salesforce_sync.object set rows_there = 5, sweep_asked_at = sweep_asked_at - interval '2 days' returning 1");
        await swept.Copied.UntilAsync("select swept_at is not null from salesforce_sync.object where object = 'Account'");
        (await swept.Copied.ScalarAsync<long>("select count(*) from pg_attribute where attrelid = 'acme.account'::regclass and attname = 'phone_label__c'")).ShouldBe(0);
        (await swept.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.read where kind = 'refresh'")).ShouldBe(0);
    }

    private static async Task RunAsync(SweptOrg swept)
    {
        await swept.Copied.UntilAsync("select sweep_asked_at is not null from salesforce_sync.object where object = 'Account'");
        await swept.Copied.ScalarAsync<int>("update salesforce_sync.object set rows_there = 5, formulas_at = null, sweep_asked_at = sweep_asked_at - interval '2 days' returning 1");
        await swept.Copied.UntilAsync("select formulas_at is not null and swept_at is not null from salesforce_sync.object where object = 'Account'");
    }
}
