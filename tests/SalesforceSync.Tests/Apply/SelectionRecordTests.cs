using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

public class SelectionRecordTests
{
    private static readonly Selection Everything = new(new Dictionary<string, ObjectRule> { ["*"] = ObjectRule.All });

    private const string Account = """
        insert into salesforce_sync.org (name, epoch, owner) values ('acme', 1, '00000000-0000-0000-0000-000000000001');
        insert into salesforce_sync.object (org, object, channel, state, state_reason) values ('acme', 'Account', '/data/A', 'frozen', 'not visible: Site'), ('acme', 'Lead', '/data/A', 'frozen', 'not visible: Site');
        insert into salesforce_sync.coverage (org, object, state, from_event, evidence) values
            ('acme', 'Account', 'gap', 0, '{"reason": "frozen"}'), ('acme', 'Account', 'gap', 0, '{"reason": "hidden", "field": "Site"}'), ('acme', 'Lead', 'gap', 0, '{"reason": "frozen"}');
        insert into salesforce_sync.repair (org, object, record_id, reason, event) values ('acme', 'Account', '001', 'text_diff', 43), ('acme', 'Lead', '00Q', 'text_diff', 44)
        """;

    // World 170: nobody looked at an object that was frozen and left out, so that its gap and its repairs stayed open for ever, while FrozenWatch asked again and again.
    [PostgresFact]
    public async Task What_was_open_of_a_frozen_object_is_closed_when_it_is_left_out()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync(Account);
        await UpdateAsync(database, Everything);
        (await OpenAsync(database)).ShouldBe(["Account frozen", "Account gap", "Account gap", "Account repair", "Lead frozen", "Lead gap", "Lead repair"]);

        await UpdateAsync(database, new(new Dictionary<string, ObjectRule> { ["account"] = new(Include: false), ["*"] = ObjectRule.All }));
        (await OpenAsync(database)).ShouldBe(["Lead frozen", "Lead gap", "Lead repair"]);
    }

    private static async Task UpdateAsync(RowsDatabase database, Selection selection)
    {
        await using var source = Postgres.Open(database.Connection.ConnectionString);
        await new SelectionRecord(source, new Ownership("acme", 1, new Guid("00000000-0000-0000-0000-000000000001")), "acme").UpdateAsync(selection, CancellationToken.None);
    }

    private static Task<List<string>> OpenAsync(RowsDatabase database) => database.ListAsync(
        """
        select object || ' frozen' as what from salesforce_sync.object where state = 'frozen'
        union all select object || ' gap' from salesforce_sync.coverage where state = 'gap' and to_event is null
        union all select object || ' repair' from salesforce_sync.repair where state = 'open' order by what
        """);
}
