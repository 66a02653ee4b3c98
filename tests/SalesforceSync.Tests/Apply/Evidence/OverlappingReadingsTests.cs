using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply.Evidence;

/// <summary>Two readings of one object at a time, and readings that go on after a restart.</summary>
public sealed class OverlappingReadingsTests
{
    private const string Id = "001000000000001AAA";

    private static readonly EventSchema Schema = new TestSchema("Account").Text("Name", "Industry").Build("s1");
    private static readonly EvidenceShape Shape = ReadOrg.Shape("Name", "Industry");
    private static readonly TestChanges Account = new("Account");

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_readings_the_one_that_began_last_counts_whichever_is_merged_first(bool laterFirst)
    {
        await using var org = await ReadOrg.OpenAsync();
        var earlier = await org.BeginAsync();
        var later = await org.BeginAsync(ReadKind.Repair, proves: false);

        foreach (var read in laterFirst ? new[] { later, earlier } : [earlier, later])
            await org.FinishAsync(read, Shape, ReadOrg.Row(Id, read == later ? "later" : "earlier", null));

        (await org.RowAsync(Id, "name", "_sync_source")).ShouldBe("later|repair");
        (await org.OneAsync("select count(*) from salesforce_sync.touch")).ShouldBe("0");
    }

    [PostgresFact]
    public async Task The_order_is_that_of_the_beginnings_not_of_the_requests()
    {
        await using var org = await ReadOrg.OpenAsync();
        var asked = await org.Reads.RequestAsync(new("Account", ReadOrg.Channel, ReadKind.Snapshot, "test", true), CancellationToken.None);
        var repair = await org.BeginAsync(ReadKind.Repair, proves: false);
        var snapshot = (await org.Reads.BeginAsync(asked, ["Name"], ReadOrg.Began, CancellationToken.None))!;

        await org.FinishAsync(snapshot, Shape, ReadOrg.Row(Id, "snapshot", null));
        await org.FinishAsync(repair, Shape, ReadOrg.Row(Id, "repair", null));

        (await org.RowAsync(Id, "name")).ShouldBe("snapshot");
    }

    [PostgresFact]
    public async Task A_later_reading_of_one_column_leaves_the_others_to_the_earlier_one()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))));
        var earlier = await org.BeginAsync();
        var later = await org.BeginAsync(ReadKind.Fill, proves: false);

        await org.FinishAsync(later, ReadOrg.Shape("Industry") with { Complete = false }, ReadOrg.Row(Id, "later"));
        await org.FinishAsync(earlier, Shape, ReadOrg.Row(Id, "earlier", "earlier"));

        (await org.RowAsync(Id, "name", "industry")).ShouldBe("earlier|later");
    }

    [PostgresFact]
    public async Task A_record_that_a_later_reading_shows_to_be_absent_is_not_made_by_an_earlier_one()
    {
        await using var org = await ReadOrg.OpenAsync(new(HardDeletes: true));
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))));
        var earlier = await org.BeginAsync();
        var later = await org.BeginAsync(ReadKind.Repair, proves: false);
        await org.EndAsync(later);
        await org.AbsentAsync(later, Shape, Id);
        await org.Reads.CloseAsync(later.Id, CancellationToken.None);

        await org.FinishAsync(earlier, Shape, ReadOrg.Row(Id, "earlier", null));

        (await org.OneAsync("select count(*) from acme.account")).ShouldBe("0");
    }

    [PostgresFact]
    public async Task The_place_within_a_page_is_stored_with_the_rows_and_the_rest_is_merged_after_a_restart()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync();
        await org.EndAsync(read);
        await org.Merge.MergeAsync(read, Shape, new([ReadOrg.Row("001A", "a", null)], [], "page 1", 1), CancellationToken.None);
        org.Restart();

        var found = (await org.Reads.OpenAsync(CancellationToken.None)).Single();
        (found.State, found.Locator, found.PageRows, found.RowsMerged).ShouldBe((ReadState.Merging, "page 1", 1, 1));
        await org.Merge.MergeAsync(found, ReadOrg.Shape("Name", "Industry"), new([ReadOrg.Row("001A", "again", null), ReadOrg.Row("001B", "b", null)], []), CancellationToken.None);

        (await org.OneAsync("select string_agg(id || name, ',' order by id) from acme.account")).ShouldBe("001Aagain,001Bb");
        (await org.OneAsync("select string_agg(first || '+' || count || ' ' || read, ',' order by first) from salesforce_sync.input")).ShouldBe($"1+1 {read.Id},2+1 {read.Id}");
    }

    [PostgresFact]
    public async Task Ids_that_came_between_two_chunks_are_updated_not_added_again()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync();
        await org.EndAsync(read);
        await org.MergeAsync(read, Shape, ReadOrg.Row("001A", "a", null));
        await org.ApplyAsync(Account.Update(Schema, "001B", ("Industry", Value.Of("event"))));

        await org.MergeAsync(read, Shape, ReadOrg.Row("001B", "read", "read"), ReadOrg.Row("001A", "twice", null), ReadOrg.Row("001C", "c", null));

        (await org.OneAsync("select string_agg(id || name || coalesce(industry, '') || _sync_incomplete, ',' order by id) from acme.account"))
            .ShouldBe("001Atwicefalse,001Breadeventfalse,001Ccfalse");
    }

    [PostgresFact]
    public async Task Nothing_is_written_once_another_process_owns_the_org()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync();
        await org.EndAsync(read);
        await org.RunAsync("update salesforce_sync.org set epoch = 2, owner = gen_random_uuid()");

        await Should.ThrowAsync<OwnershipLostException>(() => org.MergeAsync(read, Shape, ReadOrg.Row(Id, "late", null)));
        await Should.ThrowAsync<OwnershipLostException>(() => org.Reads.CloseAsync(read.Id, CancellationToken.None));
        await Should.ThrowAsync<OwnershipLostException>(() => org.Reads.IsDueAsync(read.Id, CancellationToken.None));
        await Should.ThrowAsync<OwnershipLostException>(() => org.Reads.OpenAsync(CancellationToken.None));

        (await org.OneAsync("select to_regclass('acme.account')::text")).ShouldBeNullOrEmpty();
        (await org.OneAsync("select state from salesforce_sync.read")).ShouldBe("merging");
    }
}
