using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Masks;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

/// <summary>What a mask finds that comes to a table which is there already.</summary>
public class MaskErasureTests
{
    private const string Copied = """
        insert into salesforce_sync.org (name, epoch, owner) values ('acme', 1, '00000000-0000-0000-0000-000000000001');
        insert into salesforce_sync.object (org, object, channel) values ('acme', 'Contact', '/data/C'), ('acme', 'Lead', '/data/C');
        insert into salesforce_sync.field (org, object, field, "column", type, schema_id, doc, field_id, state) values
            ('acme', 'Contact', 'FirstName', 'firstname', 'text', 's', 'Data:PersonName', null, 'written'), ('acme', 'Contact', 'LastName', 'lastname', 'text', 's', 'Data:PersonName', null, 'written'),
            ('acme', 'Contact', 'Name', 'name', 'text', 's', null, null, 'written'), ('acme', 'Contact', 'Salary__c', 'salary__c', 'integer', 's', 'Data:Double:1', '1', 'replaced'),
            ('acme', 'Contact', 'Salary__c', 'salary__c__2', 'numeric', 's', 'Data:Currency:2', '2', 'written'), ('acme', 'Contact', 'Birthdate', 'birthdate', 'date', 's', null, null, 'written'),
            ('acme', 'Contact', 'MailingCity', 'mailingcity', 'text', 's', 'Data:Address', null, 'written'), ('acme', 'Contact', 'Title', 'title', 'text', 's', null, null, 'written'),
            ('acme', 'Lead', 'LastName', 'lastname', 'text', 's', null, null, 'written');
        create schema acme;
        create table acme.contact (id text primary key, firstname text, lastname text, name text, salary__c integer, salary__c__2 numeric, birthdate date, mailingcity text, title text);
        insert into acme.contact values ('003', 'Ada', 'CANARY', 'Ada CANARY', 1, 2.5, '1999-01-01', 'CANARY', 'plain');
        insert into salesforce_sync.read_row (org, object, record_id, number, becomes, columns) values
            ('acme', 'Contact', '003', 1, 'kept', '{"lastname": "CANARY", "name": "Ada CANARY", "title": "plain"}'), ('acme', 'Lead', '00Q', 2, 'kept', '{"lastname": "other"}');
        insert into salesforce_sync.pending_diff (org, object, record_id, "column", channel, event, sequence, diff) values ('acme', 'Contact', '003', 'mailingcity', '/data/C', 1, 1, 'CANARY');
        insert into salesforce_sync.read (org, object, channel, kind, reason, state, fields) values ('acme', 'Contact', '/data/C', 'snapshot', 'gap', 'merging', '{LastName,Title}');
        """;

    private static readonly Selection Unmasked = new(new Dictionary<string, ObjectRule> { ["Contact"] = ObjectRule.All, ["*"] = ObjectRule.All });

    [PostgresFact]
    public async Task A_mask_that_comes_later_leaves_nothing_of_what_there_was_and_has_it_read()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync(Copied);
        await UpdateAsync(database, Unmasked);
        var masked = await UpdateAsync(database, Masked(("lastname", "Redact"), ("Salary__c", "Hash key"), ("Birthdate", "Drop"), ("MailingAddress", "Hash key")));

        masked.ShouldHaveSingleItem().Fields.ShouldBe(["Birthdate", "LastName", "MailingCity", "Salary__c", "Name"], ignoreOrder: true);
        // In their places, and of the name what is no secret.
        (await database.ListAsync("select column_name || ' ' || data_type from information_schema.columns where table_schema = 'acme' order by ordinal_position"))
            .ShouldBe(["id text", "firstname text", "lastname text", "name text", "salary__c__2 text", "mailingcity text", "title text"]);
        (await database.ListAsync("select t::text from acme.contact t")).ShouldBe(["(003,Ada,,Ada,,,plain)"]);
        (await database.ListAsync("""select "column" || ' ' || type || ' ' || coalesce(field_id, '-') from salesforce_sync.field where object = 'Contact' order by 1"""))
            .ShouldBe(["firstname text -", "lastname text -", "mailingcity text -", "name text -", "salary__c__2 text 2", "title text -"]);
        (await database.ListAsync("select columns::text from salesforce_sync.read_row order by number")).ShouldBe(["{\"title\": \"plain\"}", "{\"lastname\": \"other\"}"]);
        (await database.ListAsync("select diff from salesforce_sync.pending_diff")).ShouldBeEmpty();
        // Nothing is made again from what was kept before, even where no copy was.
        (await database.ListAsync("select object || ' ' || rule || ' ' || (\"table\" is null) from salesforce_sync.image")).ShouldBe(["Contact other masks true"]);
        // The snapshot under way has merged some rows already: it begins anew, and reads all of them.
        (await database.ListAsync("select kind || ' ' || (stale is not null) from salesforce_sync.read")).ShouldBe(["snapshot true"]);

        await UpdateAsync(database, Masked(("lastname", "Redact"), ("Salary__c", "Hash other"), ("Birthdate", "Drop")));
        (await database.ListAsync("select t::text from acme.contact t")).ShouldBe(["(003,Ada,,Ada,,plain)"]);
        (await database.ListAsync("select column_name from information_schema.columns where table_schema = 'acme' and column_name in ('salary__c__2', 'mailingcity')")).ShouldBe(["salary__c__2"]);
        (await UpdateAsync(database, Masked(("lastname", "Redact"), ("Salary__c", "Hash other"), ("Birthdate", "Drop")))).ShouldBeEmpty();
    }

    [Fact]
    public void A_field_that_is_dropped_no_more_was_passed_over()
    {
        Masked(("Phone", "Redact")).WidenedSince(Masked(("Phone", "Drop"))).ShouldBe(["Contact"]);
        Masked(("MailingAddress", "Drop")).WidenedSince(Masked(("MailingCity", "Drop"))).ShouldBeEmpty();
        Masked(("Phone", "Drop")).WidenedSince(Masked(("Phone", "Redact"))).ShouldBeEmpty();
        Selection.FromJson(Masked(("Phone", "Hash key")).ToJson()).MaskOf("contact")!.WordOf("PHONE").ShouldBe("Hash key");
    }

    private static Selection Masked(params (string Name, string Word)[] masks) => new(new Dictionary<string, ObjectRule>
    {
        ["Contact"] = new(Mask: new ObjectMask(masks.Select(m => KeyValuePair.Create(m.Name, m.Word)))),
        ["*"] = ObjectRule.All,
    });

    private static async Task<IReadOnlyList<ChangedMask>> UpdateAsync(RowsDatabase database, Selection selection)
    {
        await using var source = Postgres.Open(database.Connection.ConnectionString);
        return (await new SelectionRecord(source, new Ownership("acme", 1, new Guid("00000000-0000-0000-0000-000000000001")), "acme").UpdateAsync(selection, CancellationToken.None)).Masked;
    }
}
