using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>An administrator changes fields while the worker copies: old rows of new columns are read, and what is shown to us no more is not overwritten.</summary>
public sealed class SchemaDriftTests
{
    private const string NothingOpen = """
        select not exists (select from salesforce_sync.read where state in ('waiting', 'reading', 'merging'))
        """;

    [PostgresFact]
    public async Task A_new_field_with_values_nobody_was_told_of_is_filled_by_one_reading_of_its_column()
    {
        await using var copy = await StartAsync();
        var simulated = copy.Simulated.Org;
        simulated.Setup.AddField("Account", new SimulatedField("Flag__c", FieldKind.Text) { FieldId = "00N00000000000A" }, existing: "old");
        Touch(simulated, "first");
        await copy.CaughtUpAsync();
        await copy.UntilAsync("select count(*) = 20 from acme.account where flag__c = 'old'");
        await copy.UntilAsync(NothingOpen);
        (await copy.ScalarAsync<string>("select string_agg(kind || ' ' || reason || ' ' || array_to_string(fields, ','), '; ') from salesforce_sync.read where kind = 'fill' and object = 'Account'"))
            .ShouldBe("fill new_field Flag__c");
    }

    [PostgresFact]
    public async Task A_field_created_anew_gets_its_own_column_and_the_old_one_keeps_its_values()
    {
        await using var copy = await StartAsync();
        var simulated = copy.Simulated.Org;
        var before = await copy.ScalarAsync<long>("select count(slaserialnumber__c) from acme.account");
        simulated.Setup.Recreate("Account", "SLASerialNumber__c");
        Touch(simulated, "second");
        await copy.CaughtUpAsync();
        await copy.UntilAsync("select count(*) = 2 from salesforce_sync.field where object = 'Account' and field = 'SLASerialNumber__c'");
        await copy.UntilAsync(NothingOpen);
        (await copy.ScalarAsync<long>("select count(slaserialnumber__c) from acme.account")).ShouldBe(before);
        (await copy.ScalarAsync<long>("select count(slaserialnumber__c__2) from acme.account")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_hidden_field_keeps_its_values_under_full_records_and_its_gap_closes_when_it_is_visible_and_read_again()
    {
        await using var copy = await StartAsync();
        var simulated = copy.Simulated.Org;
        simulated.Access.Show("Account", "Industry", shown: false);
        // A describe tells; a field that is added makes one necessary.
        simulated.Setup.AddField("Account", new SimulatedField("More__c", FieldKind.Text) { FieldId = "00N00000000000B" }, existing: "m");
        Touch(simulated, "third");
        await copy.UntilAsync("select hidden_at is not null from salesforce_sync.field where object = 'Account' and field = 'Industry'");
        (await copy.ScalarAsync<bool>("select exists (select from salesforce_sync.coverage where evidence->>'field' = 'Industry' and to_event is null)")).ShouldBeTrue();
        await copy.UntilAsync(NothingOpen);
        (await copy.ScalarAsync<long>("select count(industry) from acme.account")).ShouldBe(20);

        simulated.Access.Show("Account", "Industry", shown: true);
        simulated.Setup.AddField("Account", new SimulatedField("Again__c", FieldKind.Text) { FieldId = "00N00000000000C" }, existing: "a");
        Touch(simulated, "fourth");
        await copy.UntilAsync("select hidden_at is null from salesforce_sync.field where object = 'Account' and field = 'Industry'");
        await copy.UntilAsync("select exists (select from salesforce_sync.coverage where evidence->>'field' = 'Industry' and state = 'repaired')");
        await copy.UntilAsync(NothingOpen);
    }

    /// <summary>Twenty accounts, read by a snapshot.</summary>
    private static async Task<CopiedOrg> StartAsync()
    {
        var copy = await CopiedOrg.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(200) }, change: options => options with { StartFrom = StartFrom.Snapshot, Channels = ["/data/AccountChangeEvent"] });
        copy.Simulated.Org.Commit(draft =>
        {
            for (var i = 0; i < 20; i++)
                draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"n{i}", ["Industry"] = "Steel", ["SLASerialNumber__c"] = "s" });
        });
        copy.Start();
        await copy.UntilAsync("select count(*) = 20 from acme.account where industry = 'Steel'");
        await copy.UntilAsync("select exists (select from salesforce_sync.read where kind = 'snapshot' and state = 'done')");
        return copy;
    }

    private static void Touch(SimulatedOrg org, string name) =>
        org.Commit(draft => draft.Update("Account", org.Truth().Records.First(r => r.ObjectName == "Account").Id, new Dictionary<string, object?> { ["Name"] = name }));
}
