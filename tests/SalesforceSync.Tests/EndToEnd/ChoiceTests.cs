using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Database;
using SimulatedOrgOptions = SalesforceSync.Simulator.Org.OrgOptions;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>What the operator may choose, and what he may not.</summary>
public class ChoiceTests
{
    [PostgresFact]
    public async Task Hard_deletes_remove_the_row()
    {
        var everything = new ObjectSelection(new Dictionary<string, ObjectOptions> { ["*"] = new() { Deletes = DeletePolicy.Hard } });
        await using var copied = await CopiedOrg.CreateAsync(change: options => options with { Objects = everything });
        copied.Start();
        Work(copied, seed: 11);
        await copied.CaughtUpAsync();
        await copied.ShouldEqualTruthAsync(new ComparisonRules { Deleted = DeletedRows.Hard });
    }

    [PostgresFact]
    public async Task Several_channels_of_one_org_are_copied_side_by_side()
    {
        await using var copied = await CopiedOrg.CreateAsync(change: options => options with
        {
            Channels = ["/data/AccountChangeEvent", "/data/ContactChangeEvent", "/data/LeadChangeEvent", "/data/OpportunityChangeEvent", "/data/Invoice__ChangeEvent"],
        });
        copied.Start();
        Work(copied, seed: 12);
        foreach (var channel in copied.Options.Channels)
            await copied.CaughtUpAsync(channel);
        await copied.ShouldEqualTruthAsync();
        (await copied.ScalarAsync<bool>("select count(*) = count(distinct event) and count(*) > 0 from salesforce_sync.event")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task What_is_not_chosen_is_not_copied_and_choosing_it_later_opens_a_gap()
    {
        await using var copied = await CopiedOrg.CreateAsync(change: options => options with
        {
            Objects = new ObjectSelection(new Dictionary<string, ObjectOptions>
            {
                ["Account"] = new() { Fields = new HashSet<string> { "Name", "Industry" } },
                ["*"] = new() { Include = false },
            }),
        });
        copied.Start();
        Work(copied, seed: 13);
        await copied.CaughtUpAsync();
        (await copied.ScalarAsync<string>("select string_agg(table_name, ',') from information_schema.tables where table_schema = 'acme'")).ShouldBe("account");
        (await copied.ScalarAsync<string>(
            "select string_agg(column_name, ',' order by column_name) from information_schema.columns where table_schema = 'acme' and column_name not like '\\_%'"))
            .ShouldBe("firstname,id,industry,lastname,name,salutation");
        (await copied.StopAsync()).ShouldBe(0);
        copied.Options = copied.Options with { Objects = ObjectSelection.All };
        copied.Start();
        await copied.UntilAsync("select count(*) = 2 from salesforce_sync.coverage where state = 'gap' and to_event is null and (object is null or object = 'Account')");
        await copied.UntilAsync("select state = 'degraded' from salesforce_sync.org");
    }

    [PostgresFact]
    public async Task Another_org_behind_the_same_configuration_is_refused_and_nothing_is_written()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        copied.Start();
        Work(copied, seed: 14, transactions: 20);
        await copied.CaughtUpAsync();
        (await copied.StopAsync()).ShouldBe(0);
        var rows = await copied.ScalarAsync<long>("select count(*) from salesforce_sync.event");
        await using var other = await SimulatedSalesforce.StartAsync(
            new SimulatorSettings { Org = new SimulatedOrgOptions { OrgId = "00DDp0000000002MAA" } }, TimeProvider.System, CancellationToken.None);
        new Workload(other.Org, new WorkloadOptions { Seed = 1 }).Next();
        copied.Options = copied.Options with { LoginUrl = new Uri(other.LoginUrl), PubSubEndpoint = new Uri(other.PubSubEndpoint) };
        copied.Start();
        (await copied.Ended).ShouldBe(1);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.event")).ShouldBe(rows);
        (await copied.ScalarAsync<string>("select state_reason from salesforce_sync.org")).ShouldNotBeNull().ShouldContain("00DDp0000000002MAA");
        other.Counts.MostOpen.ShouldBe(0);
    }

    [PostgresFact]
    public async Task No_secret_and_no_value_of_a_field_is_in_any_log_line()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        copied.Start();
        copied.Simulated.Org.Commit(draft => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "CANARY-of-a-field" }));
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) = 1 from acme.account where name = 'CANARY-of-a-field'");
        (await copied.StopAsync()).ShouldBe(0);
        var log = string.Join('\n', copied.Log.Lines.Select(line => line.Text));
        log.ShouldContain("signed in");
        log.ShouldNotContain("CANARY");
        log.ShouldNotContain(copied.Simulated.Settings.SignIn.ClientSecret);
        log.ShouldNotContain("00DDp0000000001EAA!");
    }

    private static void Work(CopiedOrg copied, int seed, int transactions = 400)
    {
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = seed, Gaps = false });
        for (var done = 0; done < transactions;)
            done += workload.Next();
    }
}
