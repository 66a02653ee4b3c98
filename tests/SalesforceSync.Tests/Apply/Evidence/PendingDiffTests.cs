using System.Security.Cryptography;
using System.Text;
using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply.Evidence;

/// <summary>Text differences that wait for a text they fit to, and what readings and later events do to them (rule D3).</summary>
public class PendingDiffTests
{
    private const string Id = "001000000000001AAA";

    private static readonly TestChanges Account = new("Account");
    private static readonly EventSchema Schema = new TestSchema("Account").Text("Name", "Description").Build("s1");
    private static readonly EvidenceShape Shape = ReadOrg.Shape("Name", "Description");

    [PostgresFact]
    public async Task A_difference_that_does_not_fit_waits_with_an_open_repair()
    {
        await using var org = await WithTextAsync("one");

        await org.ApplyAsync(Diff("two", "three"));

        (await StateAsync(org)).ShouldBe("1 waiting, repair open");
        (await TextAsync(org)).ShouldBe(Lines("one"));
    }

    [PostgresTheory]
    [InlineData("update")]
    [InlineData("undelete")]
    [InlineData("difference")]
    public async Task Whatever_writes_the_text_later_settles_it_without_a_call(string by)
    {
        await using var org = await WithTextAsync("one");
        await org.ApplyAsync(Diff("two", "three"));

        await org.ApplyAsync(by switch
        {
            "update" => Account.Update(Schema, Id, ("Description", Value.Of(Lines("four")))),
            "undelete" => Account.Undelete(Schema, Id, ("Name", Value.Of("n")), ("Description", Value.Of(Lines("four")))),
            _ => Diff("one", "four"),
        });

        (await StateAsync(org)).ShouldBe("0 waiting, repair done");
        (await TextAsync(org)).ShouldBe(Lines("four"));
    }

    [PostgresFact]
    public async Task In_the_commit_that_brings_both_nothing_is_left_to_repair()
    {
        await using var org = await WithTextAsync("one");

        await org.ApplyAsync(Diff("two", "three"), Account.Update(Schema, Id, ("Description", Value.Of(Lines("four")))), Diff("four", "five"));

        (await StateAsync(org)).ShouldBe("0 waiting, repair none");
        (await TextAsync(org)).ShouldBe(Lines("five"));
    }

    [PostgresFact]
    public async Task A_change_of_another_field_settles_nothing()
    {
        await using var org = await WithTextAsync("one");
        await org.ApplyAsync(Diff("two", "three"));

        await org.ApplyAsync(Account.Update(Schema, Id, ("Name", Value.Of("other"))), Account.Delete(Schema, Id));

        (await StateAsync(org)).ShouldBe("1 waiting, repair open");
    }

    [PostgresFact]
    public async Task A_reading_that_begins_after_the_difference_settles_it()
    {
        await using var org = await WithTextAsync("one");
        await org.ApplyAsync(Diff("two", "three"));
        var read = await org.BeginAsync(ReadKind.Repair, proves: false);

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "n", Lines("three")));

        (await StateAsync(org)).ShouldBe("0 waiting, repair done");
        (await TextAsync(org)).ShouldBe(Lines("three"));
    }

    [PostgresTheory]
    // What was read is from before both, between them, after the second and after changes the stream has not told of yet.
    [InlineData("two", "four", 0)]
    [InlineData("three", "four", 0)]
    [InlineData("four", "four", 0)]
    [InlineData("seven", "seven", 2)]
    public async Task Differences_that_came_after_the_reading_began_are_tried_on_what_it_brought(string read, string becomes, int waiting)
    {
        await using var org = await WithTextAsync("one");
        var reading = await org.BeginAsync(ReadKind.Repair, proves: false);
        await org.ApplyAsync(Diff("two", "three"));
        await org.ApplyAsync(Diff("three", "four"));

        await org.FinishAsync(reading, Shape, ReadOrg.Row(Id, "n", Lines(read)));

        (await TextAsync(org)).ShouldBe(Lines(becomes));
        (await StateAsync(org)).ShouldBe(waiting == 0 ? "0 waiting, repair done" : $"{waiting} waiting, repair open");
        if (waiting == 0) return;
        // The stream catches up with what was read.
        await org.ApplyAsync(Diff("six", "seven"));
        (await StateAsync(org)).ShouldBe("0 waiting, repair done");
    }

    [PostgresFact]
    public async Task A_difference_that_was_applied_at_the_merge_is_newer_than_an_older_reading()
    {
        await using var org = await WithTextAsync("one");
        var older = await org.BeginAsync();
        var newer = await org.BeginAsync(ReadKind.Repair, proves: false);
        await org.ApplyAsync(Diff("two", "three"));
        await org.FinishAsync(newer, Shape, ReadOrg.Row(Id, "n", Lines("two")));

        await org.FinishAsync(older, Shape, ReadOrg.Row(Id, "n", Lines("one")));

        (await TextAsync(org)).ShouldBe(Lines("three"));
    }

    [PostgresFact]
    public async Task A_difference_that_was_applied_keeps_a_reading_that_began_before_it_from_the_text()
    {
        await using var org = await WithTextAsync("one");
        var reading = await org.BeginAsync(ReadKind.Repair, proves: false);
        await org.ApplyAsync(Diff("one", "two"));

        await org.FinishAsync(reading, Shape, ReadOrg.Row(Id, "read", Lines("one")));

        (await org.RowAsync(Id, "name")).ShouldBe("read");
        (await TextAsync(org)).ShouldBe(Lines("two"));
    }

    [PostgresFact]
    public async Task Differences_of_a_record_that_is_gone_wait_no_longer()
    {
        await using var org = await WithTextAsync("one");
        await org.ApplyAsync(Diff("two", "three"));
        var read = await org.BeginAsync(ReadKind.Repair, proves: false);
        await org.EndAsync(read);

        await org.AbsentAsync(read, Shape, Id);
        await org.Reads.CloseAsync(read.Id, CancellationToken.None);

        (await StateAsync(org)).ShouldBe("0 waiting, repair done");
        (await org.RowAsync(Id, "_sync_deleted")).ShouldBe("true");
    }

    private static async Task<ReadOrg> WithTextAsync(string word)
    {
        var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("n")), ("Description", Value.Of(Lines(word)))));
        return org;
    }

    private static Task<string?> TextAsync(ReadOrg org) => org.RowAsync(Id, "description");

    private static Task<string?> StateAsync(ReadOrg org) => org.OneAsync("""
        select (select count(*) from salesforce_sync.pending_diff) || ' waiting, repair '
            || coalesce((select string_agg(state, ', ') from salesforce_sync.repair where reason = 'text_diff'), 'none')
        """);

    private static NumberedChange Diff(string from, string to) => Account.Diff(Schema, Id, "Description",
        $"--- \n+++ {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Lines(to))))}\n@@ -4,3 +4,3 @@\n line 4\n-{from}\n+{to}\n line 6");

    private static string Lines(string word) => string.Join('\n', Enumerable.Range(1, 9).Select(i => i == 5 ? word : $"line {i}"));
}
