using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

public class PersonNameTests
{
    private const string Id = "003000000000001AAA";

    private static readonly TestChanges Contact = new("Contact");
    private static readonly TestChanges Account = new("Account");
    private static readonly EventSchema Contacts =
        new TestSchema("Contact").PersonName("Salutation", "FirstName", "LastName", "MiddleName", "Suffix").Text("Email").Build("c1");
    private static readonly EventSchema Accounts = new TestSchema("Account").SwitchableName("Salutation", "FirstName", "LastName").Text("Industry").Build("a1");

    public static TheoryData<int> Paths => [RowsDatabase.Single, RowsDatabase.Staged];

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task The_name_follows_the_rows_own_parts_after_every_change(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);

        await database.WriteAsync(writer, Contact.Create(Contacts, Id, ("Salutation", Value.Of("Dr.")), ("FirstName", Value.Of("Ada")), ("LastName", Value.Of("Lovelace"))));
        (await NameAsync(database)).ShouldBe("Ada Lovelace");
        await database.WriteAsync(writer, Contact.Update(Contacts, Id, ("FirstName", Value.Of("Augusta"))));
        (await NameAsync(database)).ShouldBe("Augusta Lovelace");
        await database.WriteAsync(writer, Contact.Update(Contacts, Id, ("MiddleName", Value.Of("Ada")), ("Suffix", Value.Of("I"))), Contact.Update(Contacts, Id, ("FirstName", Value.Null)));
        (await NameAsync(database)).ShouldBe("Ada Lovelace I");
        await database.WriteAsync(writer, Contact.Update(Contacts, Id, ("Email", Value.Of("a@b"))));
        (await NameAsync(database)).ShouldBe("Ada Lovelace I");
        await database.WriteAsync(writer, Contact.Update(Contacts, Id, ("MiddleName", Value.Null), ("LastName", Value.Null), ("Suffix", Value.Null)));
        (await NameAsync(database)).ShouldBeNull();
        await database.WriteAsync(writer, Contact.Delete(Contacts, Id));
        await database.WriteAsync(writer, Contact.Undelete(Contacts, Id, ("LastName", Value.Of("King"))));
        (await NameAsync(database)).ShouldBe("King");
        await database.WriteAsync(writer, Contact.Undelete(Contacts, Id));
        (await NameAsync(database)).ShouldBeNull();
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task The_name_of_a_record_never_seen_is_made_of_the_parts_that_came(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.WriteAsync(RowsDatabase.Writer(stagedFrom), Contact.Update(Contacts, Id, ("LastName", Value.Of("Lovelace"))));
        (await NameAsync(database)).ShouldBe("Lovelace");
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_business_name_comes_whole_and_clears_the_parts_and_a_person_composes_again(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);

        await database.WriteAsync(writer, Account.Create(Accounts, Id, ("Name", Value.Of("Acme"))), Account.Create(Accounts, "P", ("FirstName", Value.Of("Ada")), ("LastName", Value.Of("L"))));
        (await NameAsync(database, "account")).ShouldBe("Acme");
        (await NameAsync(database, "account", "P")).ShouldBe("Ada L");
        await database.WriteAsync(writer, Account.Update(Accounts, Id, ("Industry", Value.Of("Steel"))));
        (await NameAsync(database, "account")).ShouldBe("Acme");
        // The bit of the compound itself means all its parts: the decoder may give them beside the whole.
        await database.WriteAsync(writer, Account.Update(Accounts, "P", ("Name", Value.Of("Ada Ltd")), ("FirstName", Value.Null)));
        var business = await database.RowAsync("account", "P");
        (business["name"], business["firstname"], business["lastname"]).ShouldBe(("Ada Ltd", null, null));
        await database.WriteAsync(writer, Account.Update(Accounts, "P", ("Name", Value.Null), ("FirstName", Value.Of("Ada")), ("LastName", Value.Of("King"))));
        (await NameAsync(database, "account", "P")).ShouldBe("Ada King");
        await database.WriteAsync(writer, Account.Update(Accounts, "P", ("Name", Value.Of("Whole"))), Account.Update(Accounts, "P", ("LastName", Value.Of("Last"))));
        (await NameAsync(database, "account", "P")).ShouldBe("Last");
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_part_that_a_schema_does_not_have_still_enters_the_name_also_after_a_restart(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.WriteAsync(RowsDatabase.Writer(stagedFrom), Contact.Create(Contacts, Id, ("FirstName", Value.Of("Ada")), ("MiddleName", Value.Of("M")), ("LastName", Value.Of("L"))));
        var shorter = new TestSchema("Contact").PersonName("FirstName", "LastName").Build("c2");

        await database.WriteAsync(RowsDatabase.Writer(stagedFrom), Contact.Update(shorter, Id, ("FirstName", Value.Of("Eve"))));

        (await NameAsync(database)).ShouldBe("Eve M L");
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task An_excluded_part_does_not_enter_the_name(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom, rule: new ObjectRule(Exclude: new HashSet<string> { "LastName" }));
        await database.WriteAsync(writer, Contact.Create(Contacts, Id, ("FirstName", Value.Of("Ada")), ("LastName", Value.Of("Lovelace"))));
        (await NameAsync(database)).ShouldBe("Ada");
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task Naming_the_compound_copies_the_name_with_its_parts_and_nothing_else(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom, rule: new ObjectRule(Fields: new HashSet<string> { "Name" }));
        await database.WriteAsync(writer, Contact.Create(Contacts, Id, ("FirstName", Value.Of("Ada")), ("LastName", Value.Of("Lovelace")), ("Email", Value.Of("x"))));
        var row = await database.RowAsync("contact", Id);
        row["name"].ShouldBe("Ada Lovelace");
        row.ShouldNotContainKey("email");
    }

    private static async Task<string?> NameAsync(RowsDatabase database, string table = "contact", string id = Id) => (await database.RowAsync(table, id))["name"];
}
