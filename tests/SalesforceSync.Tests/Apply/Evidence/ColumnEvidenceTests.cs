using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply.Evidence;

/// <summary>Rule A2 per column.</summary>
public sealed class ColumnEvidenceTests
{
    private const string Id = "001000000000001AAA";

    private static readonly EventSchema Schema = new TestSchema("Account").Text("Name", "Industry").Build("s1");
    private static readonly EvidenceShape Shape = ReadOrg.Shape("Name", "Industry");
    private static readonly TestChanges Account = new("Account");

    [PostgresFact]
    public async Task A_reading_fills_an_empty_table_and_makes_it_as_an_event_would()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync();

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "Acme", null), ReadOrg.Deleted("001B", "Gone", "Steel"));

        (await org.RowAsync(Id, "name", "industry", "_sync_source", "_sync_deleted", "_sync_incomplete", "_sync_event", "_sync_transaction_key"))
            .ShouldBe("Acme|~|bulk|false|false|1|~");
        (await org.RowAsync("001B", "name", "_sync_deleted")).ShouldBe("Gone|true");
        (await org.OneAsync("select state || ' ' || rows_merged from salesforce_sync.read")).ShouldBe("done 2");
        await org.ApplyAsync(Account.Update(Schema, Id, ("Industry", Value.Of("Steel"))));
        (await org.RowAsync(Id, "name", "industry", "_sync_source")).ShouldBe("Acme|Steel|cdc");
    }

    [PostgresFact]
    public async Task A_column_an_event_wrote_after_the_anchor_is_left_and_the_others_are_taken()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old")), ("Industry", Value.Of("old"))));
        var read = await org.BeginAsync();
        await org.ApplyAsync(Account.Update(Schema, Id, ("Industry", Value.Of("newer"))));

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", "read"));

        (await org.RowAsync(Id, "name", "industry")).ShouldBe("read|newer");
    }

    [PostgresFact]
    public async Task What_was_received_before_the_anchor_and_applied_after_it_yields_to_the_reading()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))));
        var numbers = await org.ReceiveAsync(1);
        var read = await org.BeginAsync();
        await org.ApplyAsync(numbers, Account.Update(Schema, Id, ("Name", Value.Of("before the anchor"))));

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", null));

        (await org.RowAsync(Id, "name")).ShouldBe("read");
    }

    [PostgresFact]
    public async Task A_create_after_the_anchor_leaves_nothing_of_the_reading()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("created"))));

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", "read"));

        (await org.RowAsync(Id, "name", "industry", "_sync_source")).ShouldBe("created|~|cdc");
    }

    /// <summary>World 370.</summary>
    [PostgresFact]
    public async Task A_create_of_a_time_when_a_field_was_hidden_leaves_that_field_to_the_reading()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.RunAsync("insert into salesforce_sync.coverage (org, object, state, from_event, evidence) values ('acme', 'Account', 'gap', 0, '{\"field\": \"Industry\", \"reason\": \"hidden\"}')");
        var read = await org.BeginAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("created"))));

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", "read"));

        (await org.RowAsync(Id, "name", "industry")).ShouldBe("created|read");
    }

    [PostgresFact]
    public async Task A_stub_is_completed_and_its_repair_closed()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync();
        await org.ApplyAsync(Account.Update(Schema, Id, ("Industry", Value.Of("newer"))));
        (await org.RowAsync(Id, "_sync_incomplete")).ShouldBe("true");

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", "read"));

        (await org.RowAsync(Id, "name", "industry", "_sync_incomplete")).ShouldBe("read|newer|false");
        (await org.OneAsync("select string_agg(reason || ' ' || state, ',') from salesforce_sync.repair")).ShouldBe("unseen done");
    }

    // World 1348: a field came while a snapshot was read, so that its rows completed nothing; the repairs of stubs were closed with it all the same.
    [PostgresTheory]
    [InlineData(true, "unseen done", "false")]
    [InlineData(false, "unseen open", "true")]
    public async Task A_stub_whose_rest_a_snapshot_did_not_bring_keeps_its_repair(bool complete, string repair, string incomplete)
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Update(Schema, Id, ("Industry", Value.Of("known"))));

        await org.FinishAsync(await org.BeginAsync(), Shape with { Complete = complete }, ReadOrg.Row(Id, "read", "known"));

        (await org.RowAsync(Id, "name", "_sync_incomplete")).ShouldBe($"read|{incomplete}");
        (await org.OneAsync("select string_agg(reason || ' ' || state, ',') from salesforce_sync.repair")).ShouldBe(repair);
    }

    [PostgresFact]
    public async Task Nothing_is_noted_while_nothing_is_read_and_nothing_is_kept_afterwards()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id));
        (await org.OneAsync("select count(*) from salesforce_sync.touch")).ShouldBe("0");
        var read = await org.BeginAsync();
        await org.ApplyAsync(Account.Update(Schema, Id, ("Name", Value.Of("a"))));
        (await org.OneAsync("select object || record_id || event || array_to_string(columns, ',') || existence from salesforce_sync.touch")).ShouldBe($"Account{Id}2nametrue");

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", null));

        (await org.OneAsync("select count(*) from salesforce_sync.touch")).ShouldBe("0");
        (await org.OneAsync("select cardinality(reading) from salesforce_sync.org")).ShouldBe("0");
    }

    [PostgresFact]
    public async Task A_text_difference_that_was_not_applied_leaves_its_column_to_the_reading()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old")), ("Industry", Value.Of("old"))));
        var read = await org.BeginAsync(ReadKind.Repair, proves: false);
        await org.ApplyAsync(Account.Diff(Schema, Id, "Industry"));

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", "read"));

        (await org.RowAsync(Id, "name", "industry")).ShouldBe("read|read");
    }

    [PostgresFact]
    public async Task Equal_values_are_not_written_again_and_stubs_of_a_reading_of_some_columns_are_asked_for()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.FinishAsync(await org.BeginAsync(), Shape, ReadOrg.Row(Id, "a", null));
        var again = await org.BeginAsync();
        await org.EndAsync(again);
        (await org.MergeAsync(again, Shape, ReadOrg.Row(Id, "a", null))).ShouldBe(0);
        await org.Reads.CloseAsync(again.Id, CancellationToken.None);

        await org.FinishAsync(await org.BeginAsync(ReadKind.Refresh, proves: false), ReadOrg.Shape("Industry") with { Complete = false }, ReadOrg.Row(Id, "filled"), ReadOrg.Row("001B", "filled"));

        (await org.OneAsync("select string_agg(coalesce(name, '') || industry || _sync_incomplete, ',' order by id) from acme.account")).ShouldBe("afilledfalse,filledtrue");
        (await org.OneAsync("select string_agg(record_id || reason, ',') from salesforce_sync.repair")).ShouldBe("001Bunseen");
    }
}
