using System.Security.Cryptography;
using System.Text;
using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

/// <summary>Text differences against the rows they are about (rule D3).</summary>
public class TextDiffRowTests
{
    private const string Id = "001000000000001AAA";
    private const string Other = "001000000000002AAA";

    private static readonly TestChanges Account = new("Account");
    private static readonly EventSchema Schema = new TestSchema("Account").Text("Name", "Description", "Notes__c").Build("s1");

    public static TheoryData<int> Paths => [RowsDatabase.Single, RowsDatabase.Staged];

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task Differences_of_one_call_are_applied_one_after_another_to_the_text_of_the_row(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await database.WriteAsync(writer, Account.Create(Schema, Id, ("Description", Value.Of(Lines("one")))), Account.Create(Schema, Other, ("Description", Value.Of(Lines("one")))));

        var second = Account.Diff(Schema, Id, "Description", Diff("two", "three"));
        var outcome = await database.WriteAsync(writer,
            Account.Diff(Schema, Id, "Description", Diff("one", "two")), Account.Update(Schema, Id, ("Name", Value.Of("n"))), second,
            Account.Update(Schema, Other, ("Description", Value.Of(Lines("four")))), Account.Diff(Schema, Other, "Description", Diff("four", "five")));

        (outcome.Repairs.Count, outcome.Diffs.Unfit.Count).ShouldBe((0, 0));
        outcome.Diffs.IsApplied(second, Id, second.Event.Writes[0]).ShouldBeTrue();
        var rows = await database.RowsAsync("account");
        (rows[Id]["description"], rows[Id]["name"], rows[Other]["description"]).ShouldBe((Lines("three"), "n", Lines("five")));
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_difference_of_another_text_waits_and_leaves_the_row_alone(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await database.WriteAsync(writer, Account.Create(Schema, Id, ("Description", Value.Of(Lines("one"))), ("Notes__c", Value.Of(Lines("one")))));

        var unfit = Account.Diff(Schema, Id, "Description", Diff("two", "three"));
        var outcome = await database.WriteAsync(writer, unfit, Account.Diff(Schema, Id, "Notes__c", Diff("one", "two")));

        outcome.Repairs.ShouldBe([new("Account", Id, RepairReason.TextDiff)]);
        outcome.Diffs.Unfit.ShouldBe([new("Account", Id, "description", unfit.Received, unfit.Event.Header.SequenceNumber, Diff("two", "three"))]);
        outcome.Diffs.IsApplied(unfit, Id, unfit.Event.Writes[0]).ShouldBeFalse();
        var row = await database.RowAsync("account", Id);
        (row["description"], row["notes__c"]).ShouldBe((Lines("one"), Lines("two")));
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_difference_that_waits_is_overtaken_by_whatever_writes_the_text_whole(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await database.WriteAsync(writer, Account.Create(Schema, Id, ("Description", Value.Of(Lines("one")))));

        // The second one verifies because its target is what stands there.
        var verified = await database.WriteAsync(writer, Account.Diff(Schema, Id, "Description", Diff("two", "three")), Account.Diff(Schema, Id, "Description", Diff("zero", "one")));
        var whole = await database.WriteAsync(writer, Account.Diff(Schema, Id, "Description", Diff("two", "three")), Account.Update(Schema, Id, ("Description", Value.Of("x"))));
        var back = await database.WriteAsync(writer, Account.Diff(Schema, Id, "Description", Diff("two", "three")), Account.Undelete(Schema, Id));

        (verified.Diffs.Unfit.Count + whole.Diffs.Unfit.Count + back.Diffs.Unfit.Count).ShouldBe(0);
        (verified.Repairs.Count + whole.Repairs.Count + back.Repairs.Count).ShouldBe(0);
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_difference_of_a_record_never_seen_or_just_removed_waits(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom, rule: new(HardDeletes: true));
        await database.WriteAsync(writer, Account.Create(Schema, Other, ("Description", Value.Of(Lines("one")))));

        var outcome = await database.WriteAsync(writer,
            Account.Diff(Schema, Id, "Description", Diff("one", "two")), Account.Delete(Schema, Other), Account.Diff(Schema, Other, "Description", Diff("one", "two")));

        outcome.Diffs.Unfit.Select(d => d.RecordId).ShouldBe([Id, Other]);
        outcome.Repairs.Where(r => r.Reason == RepairReason.TextDiff).Select(r => r.RecordId).ShouldBe([Id, Other]);
    }

    private static string Lines(string word) => string.Join('\n', Enumerable.Range(1, 9).Select(i => i == 5 ? word : $"line {i}"));

    private static string Diff(string from, string to) =>
        $"--- \n+++ {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Lines(to))))}\n@@ -4,3 +4,3 @@\n line 4\n-{from}\n+{to}\n line 6";
}
