using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply.Evidence;

/// <summary>Rule A2 for existence, and E3.</summary>
public sealed class ExistenceEvidenceTests
{
    private const string Id = "001000000000001AAA";

    private static readonly ObjectRule Hard = new(HardDeletes: true);
    private static readonly EventSchema Schema = new TestSchema("Account").Text("Name", "Industry").Build("s1");
    private static readonly EvidenceShape Shape = ReadOrg.Shape("Name", "Industry");
    private static readonly TestChanges Account = new("Account");

    [PostgresFact]
    public async Task A_tombstone_from_before_the_anchor_is_revived_by_a_live_row()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))), Account.Delete(Schema, Id));
        var read = await org.BeginAsync();

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "undeleted in an outage", null));

        (await org.RowAsync(Id, "name", "_sync_deleted")).ShouldBe("undeleted in an outage|false");
    }

    [PostgresFact]
    public async Task A_delete_after_the_anchor_stays_and_the_other_columns_still_merge_into_the_tombstone()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))));
        var read = await org.BeginAsync();
        await org.ApplyAsync(Account.Delete(Schema, Id));

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", null));

        (await org.RowAsync(Id, "name", "_sync_deleted")).ShouldBe("read|true");
    }

    [PostgresFact]
    public async Task What_was_hard_deleted_after_the_anchor_does_not_come_back()
    {
        await using var org = await ReadOrg.OpenAsync(Hard);
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))));
        var read = await org.BeginAsync();
        await org.ApplyAsync(Account.Delete(Schema, Id));

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", null), ReadOrg.Row("001B", "other", null));

        (await org.OneAsync("select string_agg(id, ',') from acme.account")).ShouldBe("001B");
    }

    [PostgresFact]
    public async Task A_deleted_row_marks_the_record_or_removes_it_where_deletes_are_hard()
    {
        foreach (var rule in new[] { ObjectRule.All, Hard })
        {
            await using var org = await ReadOrg.OpenAsync(rule);
            await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))));
            var read = await org.BeginAsync();

            await org.FinishAsync(read, Shape, ReadOrg.Deleted(Id, "read", null), ReadOrg.Deleted("001B", "never seen", null));

            (await org.OneAsync("select string_agg(id || _sync_deleted, ',' order by id) from acme.account")).ShouldBe(rule.HardDeletes ? null : $"{Id}true,001Btrue");
        }
    }

    [PostgresFact]
    public async Task An_undelete_after_the_anchor_outlives_a_row_that_was_read_as_deleted()
    {
        foreach (var rule in new[] { ObjectRule.All, Hard })
        {
            await using var org = await ReadOrg.OpenAsync(rule);
            await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))), Account.Delete(Schema, Id));
            var read = await org.BeginAsync();
            await org.ApplyAsync(Account.Undelete(Schema, Id, ("Name", Value.Of("back"))));

            await org.FinishAsync(read, Shape, ReadOrg.Deleted(Id, "read", "read"));

            (await org.RowAsync(Id, "name", "industry", "_sync_deleted")).ShouldBe("back|~|false");
        }
    }

    [PostgresFact]
    public async Task What_lives_again_without_a_word_is_not_whole_by_a_reading_that_began_before_it_was_deleted()
    {
        foreach (var rule in new[] { ObjectRule.All, Hard })
        {
            foreach (var row in new[] { ReadOrg.Row(Id, "read", "read"), ReadOrg.Deleted(Id, "read", "read") })
            {
                await using var org = await ReadOrg.OpenAsync(rule);
                var read = await org.BeginAsync();
                await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("a"))), Account.Delete(Schema, Id));
                // The event that undeleted it never came, nor what was changed before this.
                await org.ApplyAsync(Account.Update(Schema, Id, ("Industry", Value.Of("lives"))));

                await org.FinishAsync(read, Shape with { Complete = true }, row);

                (await org.RowAsync(Id, "industry", "_sync_deleted", "_sync_incomplete")).ShouldBe("lives|false|true");
                (await org.OneAsync("select string_agg(reason || state, ',') from salesforce_sync.repair")).ShouldBe(rule.HardDeletes ? "unseenopen" : "revivedopen");
            }
        }
    }

    [PostgresFact]
    public async Task What_was_deleted_under_a_fetch_and_is_known_only_in_part_is_not_answered_by_it()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Update(Schema, Id, ("Industry", Value.Of("lives"))));
        // Long before the delete by Salesforce's clock: the order of the two is not in doubt.
        var read = await org.BeginAsync(ReadKind.Repair, proves: false, at: DateTimeOffset.UnixEpoch);
        await org.ApplyAsync(Account.Delete(Schema, Id));

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", "read"));

        (await org.RowAsync(Id, "name", "_sync_deleted", "_sync_incomplete")).ShouldBe("read|true|true");
        (await org.OneAsync("select string_agg(reason || state, ',') from salesforce_sync.repair")).ShouldBe("unseenopen");
    }

    [PostgresFact]
    public async Task A_verdict_of_absence_counts_unless_an_event_told_of_the_record_after_the_anchor()
    {
        foreach (var rule in new[] { ObjectRule.All, Hard })
        {
            await using var org = await ReadOrg.OpenAsync(rule);
            await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("a"))), Account.Create(Schema, "001B", ("Name", Value.Of("b"))));
            var read = await org.BeginAsync();
            await org.ApplyAsync(Account.Update(Schema, "001B", ("Industry", Value.Of("lives"))));
            await org.EndAsync(read);

            (await org.AbsentAsync(read, Shape, Id, "001B", "001C")).ShouldBe(1);

            (await org.OneAsync("select string_agg(id || _sync_deleted, ',' order by id) from acme.account")).ShouldBe(rule.HardDeletes ? "001Bfalse" : $"{Id}true,001Bfalse");
            (await org.OneAsync("select string_agg(record_id || becomes, ',') from salesforce_sync.read_row")).ShouldBe(rule.HardDeletes ? $"{Id}gone" : $"{Id}deleted");
        }
    }
}
