using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply.Evidence;

/// <summary>Rule D5: a person's name is made of the row's own parts, whoever brings them.</summary>
public sealed class NameEvidenceTests
{
    private const string Id = "001000000000001AAA";

    private static readonly EventSchema Schema = new TestSchema("Account").SwitchableName("FirstName", "LastName").Build("s1");
    private static readonly TestChanges Account = new("Account");

    private static readonly EvidenceShape Shape = new("Account",
    [
        new("Name", ColumnType.Text, NameRole: NameRole.Whole), new("FirstName", ColumnType.Text, NameRole: NameRole.FirstName),
        new("LastName", ColumnType.Text, NameRole: NameRole.LastName),
    ]);

    [PostgresFact]
    public async Task The_name_that_was_read_counts_for_a_business_only()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync();
        var again = await org.BeginAsync(ReadKind.Repair, proves: false);

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "Lovelace Ada", "Ada", "Lovelace"), ReadOrg.Row("001B", "Acme", null, null));
        (await org.OneAsync("select string_agg(name, ',' order by id) from acme.account")).ShouldBe("Ada Lovelace,Acme");

        await org.FinishAsync(again, Shape, ReadOrg.Row(Id, "Acme 2", null, null), ReadOrg.Row("001B", "x", "Grace", null), ReadOrg.Row("001C", "x", null, "Hopper"));
        (await org.OneAsync("select string_agg(name, ',' order by id) from acme.account")).ShouldBe("Acme 2,Grace,Hopper");
    }

    [PostgresFact]
    public async Task A_part_an_event_wrote_since_enters_the_name_and_a_whole_name_keeps_the_parts_away()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("FirstName", Value.Of("Ada"))), Account.Create(Schema, "001B", ("FirstName", Value.Of("Ada"))));
        var read = await org.BeginAsync();
        await org.ApplyAsync(Account.Update(Schema, Id, ("FirstName", Value.Of("Augusta"))), Account.Update(Schema, "001B", ("Name", Value.Of("Acme"))));

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "x", "Ada", "King"), ReadOrg.Row("001B", "x", "Ada", "King"));

        (await org.OneAsync("select string_agg(concat_ws('/', name, firstname, lastname), ',' order by id) from acme.account")).ShouldBe("Augusta King/Augusta/King,Acme");
    }
}
