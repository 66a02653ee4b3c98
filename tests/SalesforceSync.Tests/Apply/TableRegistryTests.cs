using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

public class TableRegistryTests
{
    private const string Id = "001000000000001AAA";

    private static readonly TestChanges Account = new("Account");

    [PostgresFact]
    public async Task Columns_come_with_the_event_that_brings_them_in_the_order_of_the_stream()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var first = new TestSchema("Account").Text("Name").Build("s1");
        var second = new TestSchema("Account").Text("Name", "New__c").Build("s2");

        var outcome = await database.WriteAsync(RowsDatabase.Writer(),
            Account.Create(first, "001A", ("Name", Value.Of("a"))), Account.Update(second, "001A", ("New__c", Value.Of("n"))),
            Account.Update(first, "001A", ("Name", Value.Of("b"))), Account.Create(second, "001B", ("New__c", Value.Of("m"))));

        outcome.Repairs.ShouldBeEmpty();
        var rows = await database.RowsAsync("account");
        (rows["001A"]["name"], rows["001A"]["new__c"], rows["001B"]["new__c"]).ShouldBe(("b", "n", "m"));
        (await database.ListAsync("""select field || ' ' || "column" || ' ' || type || ' ' || schema_id from salesforce_sync.field where org = 'acme' order by field"""))
            .ShouldBe(["Name name text s1", "New__c new__c text s2"]);
    }

    [PostgresFact]
    public async Task A_rollback_takes_tables_and_columns_back_and_a_writer_told_of_it_makes_them_again()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var first = new TestSchema("Account").Text("Name").Build("s1");
        var second = new TestSchema("Account").Text("Name", "New__c").Build("s2");
        foreach (var stagedFrom in new[] { RowsDatabase.Single, RowsDatabase.Staged })
        {
            var writer = RowsDatabase.Writer(stagedFrom, org: $"path{stagedFrom}");
            await RolledBackAsync(database, writer, Account.Create(first, Id));
            await database.WriteAsync(writer, Account.Create(first, Id));
            await RolledBackAsync(database, writer, Account.Update(second, Id, ("New__c", Value.Of("lost"))));
            await database.WriteAsync(writer, Account.Update(second, Id, ("New__c", Value.Of("kept"))));
            (await database.RowAsync("account", Id, $"path{stagedFrom}"))["new__c"].ShouldBe("kept");
        }
    }

    [PostgresFact]
    public async Task A_doc_that_changed_is_recorded()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer();
        await database.WriteAsync(writer, Account.Create(new TestSchema("Account").Field("Fax", "\"string\"", "Data:Fax").Build("s1"), Id));
        var outcome = await database.WriteAsync(writer, Account.Create(new TestSchema("Account").Field("Fax", "\"string\"", "Data:Phone").Build("s2"), Id));

        outcome.Repairs.ShouldBeEmpty();
        (await database.ListAsync("select doc || ' ' || schema_id from salesforce_sync.field")).ShouldBe(["Data:Phone s2"]);
    }

    [PostgresFact]
    public async Task Names_beyond_63_bytes_are_shortened_and_stay_apart()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var prefix = new string('A', 60);
        var schema = new TestSchema("Account").Text($"{prefix}One__c", $"{prefix}Two__c", "Select", "Order").Build("s1");

        await database.WriteAsync(RowsDatabase.Writer(),
            Account.Create(schema, Id, ($"{prefix}One__c", Value.Of("1")), ($"{prefix}Two__c", Value.Of("2")), ("Select", Value.Of("3")), ("Order", Value.Of("4"))));

        var row = await database.RowAsync("account", Id);
        var (one, two) = (PostgresName.Of($"{prefix}One__c"), PostgresName.Of($"{prefix}Two__c"));
        one.Length.ShouldBe(63);
        one.ShouldStartWith(new string('a', 54) + "_");
        (row[one], row[two], row["select"], row["order"]).ShouldBe(("1", "2", "3", "4"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\"; drop table x; --")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("a\n")]
    [InlineData("ä")]
    [InlineData("\u202eabc")]
    [InlineData("a\0b")]
    public void A_name_that_is_no_api_name_is_refused_and_not_repeated(string name)
    {
        var refused = Should.Throw<RefusedNameException>(() => PostgresName.Of(name));
        if (name.Length > 1) refused.Message.ShouldNotContain(name);
    }

    [PostgresFact]
    public async Task Hostile_names_make_the_change_unwritable_and_no_table()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer();
        var schema = new TestSchema("Account").Text("Name").Build("s1");
        var hostile = new TestChanges("x\"; drop schema salesforce_sync; --").Create(schema, Id);
        (await Should.ThrowAsync<UnwritableChangeException>(() => database.WriteAsync(writer, hostile))).Number.ShouldBe(hostile.Number);
        writer.Forget();

        var system = Account.Create(new TestSchema("Account").Text("_sync_deleted").Build("s2"), Id);
        (await Should.ThrowAsync<UnwritableChangeException>(() => database.WriteAsync(writer, system))).Number.ShouldBe(system.Number);

        (await database.ScalarAsync("select count(*) from pg_tables where schemaname = 'acme'")).ShouldBe(0L);
    }

    [PostgresFact]
    public async Task More_fields_than_a_table_can_have_are_left_out_and_recorded()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(RowsDatabase.Staged);
        var names = Enumerable.Range(0, 1650).Select(i => $"F{i}__c").ToArray();
        var schema = new TestSchema("Account").Text(names).Build("s1");

        var outcome = await database.WriteAsync(writer, Account.Create(schema, "001A", ("F0__c", Value.Of("a")), ("F1649__c", Value.Of("z"))), Account.Update(schema, "001B", ("F1589__c", Value.Of("b"))));

        outcome.Repairs.ShouldBe([new("Account", "001B", RepairReason.Unseen)]);
        (await database.ScalarAsync("select count(*) from salesforce_sync.field where state = 'no_room' and reason = 'too_many_columns'")).ShouldBe(60L);
        var rows = await database.RowsAsync("account");
        rows["001A"].Count.ShouldBe(1600);
        (rows["001A"]["f0__c"], rows["001B"]["f1589__c"]).ShouldBe(("a", "b"));
    }

    [PostgresFact]
    public async Task Dropped_columns_keep_counting()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var names = Enumerable.Range(0, 1589).Select(i => $"F{i}__c").ToArray();
        await database.WriteAsync(RowsDatabase.Writer(), Account.Create(new TestSchema("Account").Text(names).Build("s1"), Id));
        await database.RunAsync("alter table acme.account drop column f0__c, drop column f1__c");

        var outcome = await database.WriteAsync(RowsDatabase.Writer(), Account.Create(new TestSchema("Account").Text("F9__c", "New1__c", "New2__c").Build("s2"), Id, ("New1__c", Value.Of("1"))));

        outcome.Repairs.ShouldBeEmpty();
        (await database.ListAsync("select field from salesforce_sync.field where state = 'no_room'")).ShouldBe(["New2__c"]);
        (await database.RowAsync("account", Id))["new1__c"].ShouldBe("1");
    }

    [PostgresFact]
    public async Task A_table_held_by_a_reader_fails_with_the_lock_timeout_and_succeeds_later()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer();
        await database.WriteAsync(writer, Account.Create(new TestSchema("Account").Text("Name").Build("s1"), Id));
        var change = Account.Update(new TestSchema("Account").Text("Name", "New__c").Build("s2"), Id, ("New__c", Value.Of("n")));
        await database.RunAsync("set lock_timeout = '50ms'");
        await using (var reader = await database.OpenAnotherAsync())
        {
            await using var reading = await reader.BeginTransactionAsync();
            await new NpgsqlCommand("select * from acme.account", reader).ExecuteNonQueryAsync();
            (await Should.ThrowAsync<PostgresException>(() => database.WriteAsync(writer, change))).SqlState.ShouldBe(PostgresErrorCodes.LockNotAvailable);
        }
        writer.Forget();

        await database.WriteAsync(writer, change);

        (await database.RowAsync("account", Id))["new__c"].ShouldBe("n");
    }

    [PostgresFact]
    public async Task Columns_and_tables_of_others_stay_as_they_are()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var schema = new TestSchema("Account").Text("Name").Build("s1");
        var rule = new ObjectRule(HardDeletes: true);
        await database.WriteAsync(RowsDatabase.Writer(rule: rule), Account.Create(schema, Id));
        await database.RunAsync("alter table acme.account add mine text default 'own', add name_length integer generated always as (length(name)) stored");
        await database.RunAsync("create view acme.contact as select 1 as x");

        await database.WriteAsync(RowsDatabase.Writer(RowsDatabase.Staged, rule: rule), Account.Update(schema, Id, ("Name", Value.Of("abc"))));
        await database.WriteAsync(RowsDatabase.Writer(RowsDatabase.Single, rule: rule), Account.Update(schema, Id, ("Name", Value.Of("abcd"))));

        var row = await database.RowAsync("account", Id);
        (row["mine"], row["name_length"]).ShouldBe(("own", "4"));
        (await Should.ThrowAsync<InvalidOperationException>(() => database.WriteAsync(RowsDatabase.Writer(), new TestChanges("Contact").Create(schema, Id))))
            .Message.ShouldContain("\"contact\"");
    }

    private static async Task RolledBackAsync(RowsDatabase database, RowWriter writer, NumberedChange change)
    {
        await using (var transaction = await database.Connection.BeginTransactionAsync())
        {
            await writer.WriteAsync(database.Connection, [change], RowsDatabase.AppliedAt, CancellationToken.None);
            await transaction.RollbackAsync();
        }
        writer.Forget();
    }
}
