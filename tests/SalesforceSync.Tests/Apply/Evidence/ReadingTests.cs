using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply.Evidence;

/// <summary>The life of a reading: E1, when it is due, E4, what it proves.</summary>
public sealed class ReadingTests
{
    private const string Id = "001000000000001AAA";

    private static readonly EventSchema Schema = new TestSchema("Account").Text("Name", "Industry").Build("s1");
    private static readonly EvidenceShape Shape = ReadOrg.Shape("Name", "Industry");
    private static readonly TestChanges Account = new("Account");

    [PostgresFact]
    public async Task No_reading_begins_before_the_stream_has_a_position_to_resume_from()
    {
        await using var org = await ReadOrg.OpenAsync();
        var id = await org.Reads.RequestAsync(new("Account", ReadOrg.Channel, ReadKind.Snapshot, "test"), CancellationToken.None);
        foreach (var missing in new[] { "idle_replay_id = null, replay_id = null", "idle_replay_id = '\\x01', heard_at = null" })
        {
            await org.RunAsync($"update salesforce_sync.cursor set {missing}");
            (await org.Reads.BeginAsync(id, [], ReadOrg.Began, CancellationToken.None)).ShouldBeNull();
        }
        await org.ReceiveAsync(3);
        (await org.Reads.BeginAsync(id, [], ReadOrg.Began, CancellationToken.None))!.Anchor.ShouldBe(3);
    }

    [PostgresFact]
    public async Task One_snapshot_of_an_object_is_open_at_a_time()
    {
        await using var org = await ReadOrg.OpenAsync();
        var request = new ReadRequest("Account", ReadOrg.Channel, ReadKind.Snapshot, "test", Proves: true);
        var first = await org.Reads.RequestAsync(request, CancellationToken.None);
        (await org.Reads.RequestAsync(request, CancellationToken.None)).ShouldBe(first);
        await org.Reads.FailAsync(first, "no", CancellationToken.None);
        (await org.Reads.RequestAsync(request, CancellationToken.None)).ShouldNotBe(first);
    }

    // World 1086: a fill was given up because the one field it was asked for is gone, together with a field that had become visible a moment before.
    [PostgresFact]
    public async Task A_fill_that_comes_to_nothing_stays_open_for_the_fields_it_was_asked_for_since()
    {
        await using var org = await ReadOrg.OpenAsync();
        await Ask("Gone__c");
        var decided = (await org.Reads.OpenAsync(CancellationToken.None)).Single();
        await Ask("Site");

        await org.Reads.FailAsync(decided.Id, "none", CancellationToken.None, asked: decided.Fields);
        var open = (await org.Reads.OpenAsync(CancellationToken.None)).Single();
        open.Fields.ShouldBe(["Gone__c", "Site"], ignoreOrder: true);

        await org.Reads.FailAsync(open.Id, "none", CancellationToken.None, asked: open.Fields);
        (await org.Reads.OpenAsync(CancellationToken.None)).ShouldBeEmpty();

        async Task Ask(string field)
        {
            await using var connection = await org.Source.OpenConnectionAsync();
            await new DriftRows(connection, "acme").WriteAsync(new("Account", [field], [], [], Pause: false, Resume: false), ReadOrg.Channel, 1, CancellationToken.None);
        }
    }

    [PostgresFact]
    public async Task It_is_due_when_the_stream_has_spoken_since_its_end_and_all_of_that_is_applied()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync();
        await org.Reads.EndAsync(read.Id, null, CancellationToken.None);
        (await org.Reads.IsDueAsync(read.Id, CancellationToken.None)).ShouldBeFalse();
        var numbers = await org.ReceiveAsync(1);
        (await org.Reads.IsDueAsync(read.Id, CancellationToken.None)).ShouldBeFalse();
        await org.ReceiveAsync(1);
        await org.ApplyAsync(numbers, Account.Create(Schema, Id));
        (await org.Reads.IsDueAsync(read.Id, CancellationToken.None)).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_reading_that_begins_anew_has_a_new_anchor_and_forgets_what_it_had()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync();
        await org.Reads.JobAsync(read.Id, "750", CancellationToken.None);
        await org.Reads.RestartAsync(read.Id, "expired", CancellationToken.None);
        (await org.OneAsync("select cardinality(reading) from salesforce_sync.org")).ShouldBe("0");
        await org.ReceiveAsync(2);

        var again = (await org.Reads.BeginAsync(read.Id, [], ReadOrg.Began, CancellationToken.None))!;

        (again.Anchor, again.JobId, again.Tries).ShouldBe((2, null, 2));
    }

    [PostgresTheory]
    [InlineData(nameof(ReadKind.Snapshot), false, "waiting")]
    [InlineData(nameof(ReadKind.Repair), false, "waiting")]
    [InlineData(nameof(ReadKind.Sweep), true, "done")]
    public async Task A_position_that_is_lost_before_the_last_step_overtakes_what_was_read(string kind, bool closes, string state)
    {
        await using var org = await ReadOrg.OpenAsync();
        var before = await org.BeginAsync(Enum.Parse<ReadKind>(kind));
        (await org.Reads.OpenAsync(CancellationToken.None)).Single().Overtaken.ShouldBeNull();
        await org.RunAsync("""insert into salesforce_sync.coverage (org, state, from_event, evidence) values ('acme', 'gap', 0, '{"policy": "Repair"}')""");
        (await org.Reads.OpenAsync(CancellationToken.None)).Single().Overtaken!.ShouldContain("lost");
        (await org.Reads.CloseAsync(before.Id, CancellationToken.None)).ShouldBe(closes);
        (await org.OneAsync($"select state from salesforce_sync.read where id = {before.Id}")).ShouldBe(state);
        // What begins after the loss is not overtaken by it.
        var after = await org.BeginAsync(objectName: "Contact");
        (await org.Reads.OpenAsync(CancellationToken.None)).Single(read => read.Id == after.Id).Overtaken.ShouldBeNull();
    }

    [PostgresFact]
    public async Task What_a_reading_has_seen_and_suspected_goes_when_it_comes_to_nothing()
    {
        await using var org = await ReadOrg.OpenAsync();
        var read = await org.BeginAsync(ReadKind.Sweep);
        await org.RunAsync($"insert into salesforce_sync.seen (read, record_id, deleted) values ({read.Id}, '{Id}', false)");
        await org.RunAsync($"insert into salesforce_sync.suspect (read, record_id, what) values ({read.Id}, '{Id}', 'changed')");
        await org.Reads.FailAsync(read.Id, "no", CancellationToken.None);
        (await org.OneAsync("select (select count(*) from salesforce_sync.seen) + (select count(*) from salesforce_sync.suspect)")).ShouldBe("0");
        // A former owner has left the same of a reading that is closed.
        await org.RunAsync($"insert into salesforce_sync.suspect (read, record_id, what) values ({read.Id}, '{Id}', 'changed')");
        await org.Reads.TidyAsync(CancellationToken.None);
        (await org.OneAsync("select count(*) from salesforce_sync.suspect")).ShouldBe("0");
    }

    [PostgresTheory]
    [InlineData(1, -60, "done")]  // asked before the anchor, and what was skipped is newer than the reading's start
    [InlineData(9, -60, "open")]  // asked after the anchor
    [InlineData(1, 60, "open")]   // what was skipped was committed before the reading began: the gap may have been after it
    public async Task A_repair_is_closed_by_what_it_is_older_than(int asked, int secondsOlder, string expected)
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))));
        await org.RunAsync($"insert into salesforce_sync.repair (org, object, record_id, reason, event) values ('acme', 'Account', '{Id}', 'gap_update', {asked})");
        var update = Account.Update(Schema, Id, ("Industry", Value.Of("skipped")));
        var read = await org.BeginAsync(ReadKind.Repair, proves: false, DateTimeOffset.FromUnixTimeMilliseconds(update.Event.Header.CommitTimestamp).AddSeconds(secondsOlder));
        await org.ApplyAsync(update);

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", "read"));

        (await org.OneAsync("select state from salesforce_sync.repair")).ShouldBe(expected);
        (await org.RowAsync(Id, "name", "industry")).ShouldBe("read|skipped");
    }

    // World 1603: a gap event of a record that was in repair already overtook the event of an older change, and the reading came between the two.
    [PostgresTheory]
    [InlineData(true, "open")]
    [InlineData(false, "done")]
    public async Task A_repair_is_as_young_as_the_last_event_that_asked_for_it(bool isAskedAgain, string expected)
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id, ("Name", Value.Of("old"))), Gap());
        await org.RunAsync("update salesforce_sync.repair set opened_at = opened_at - interval '1 minute', asked_at = asked_at - interval '1 minute'");
        if (isAskedAgain)
            await org.ApplyAsync(Gap());
        var overtaken = Account.Update(Schema, Id, ("Industry", Value.Of("older")));
        var read = await org.BeginAsync(ReadKind.Repair, proves: false, DateTimeOffset.FromUnixTimeMilliseconds(overtaken.Event.Header.CommitTimestamp).AddSeconds(1));
        await org.ApplyAsync(overtaken);

        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", "newer"));

        (await org.OneAsync("select string_agg(state, ',') from salesforce_sync.repair")).ShouldBe(expected);
    }

    [PostgresFact]
    public async Task A_gap_closes_with_a_proof_of_every_object_that_began_after_it_was_recorded()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.RunAsync($"insert into salesforce_sync.object (org, object, channel) values ('acme', 'Contact', '{ReadOrg.Channel}'), ('acme', 'Other__c', '/data/Other')");
        var before = await org.BeginAsync();
        await org.RunAsync($$"""
            insert into salesforce_sync.coverage (org, object, state, from_event, evidence)
            values ('acme', null, 'gap', 0, '{"channel": "{{ReadOrg.Channel}}"}'), ('acme', 'Account', 'gap', 0, '{}'), ('acme', 'Account', 'gap', 99, '{}')
            """);
        await org.FinishAsync(before, Shape);
        (await Gaps()).ShouldBe("gap,gap,gap");
        await org.FinishAsync(await org.BeginAsync(ReadKind.Snapshot, proves: false), Shape);
        (await Gaps()).ShouldBe("gap,gap,gap");

        await org.FinishAsync(await org.BeginAsync(), Shape);
        (await Gaps()).ShouldBe("gap,repaired,gap");
        await org.FinishAsync(await org.BeginAsync(objectName: "Contact"), Shape with { Object = "Contact" });
        (await Gaps()).ShouldBe("repaired,repaired,gap");

        (await org.OneAsync("select snapshot_at = '2026-03-01 12:00Z' and proven_at = snapshot_at from salesforce_sync.object where object = 'Account'")).ShouldBe("True");
        (await org.OneAsync("select count(*) from salesforce_sync.coverage where state = 'snapshot'")).ShouldBe("3");

        Task<string?> Gaps() => org.OneAsync("select string_agg(state, ',' order by id) from salesforce_sync.coverage where state <> 'snapshot'");
    }

    [PostgresFact]
    public async Task Ids_are_kept_only_where_something_could_be_absent()
    {
        await using var org = await ReadOrg.OpenAsync();
        var first = await org.BeginAsync();
        await org.EndAsync(first);
        await org.MergeAsync(first, Shape, ReadOrg.Row(Id, "a", null));
        (await org.OneAsync("select notes_seen from salesforce_sync.read")).ShouldBe("False");
        await org.Reads.CloseAsync(first.Id, CancellationToken.None);

        var second = await org.BeginAsync();
        await org.EndAsync(second);
        await org.MergeAsync(second, Shape, ReadOrg.Row("001B", "b", null));
        (await org.OneAsync("select string_agg(record_id, ',') from salesforce_sync.seen")).ShouldBe("001B");
        await org.Reads.CloseAsync(second.Id, CancellationToken.None);
        (await org.OneAsync("select count(*) from salesforce_sync.seen")).ShouldBe("0");
    }

    [PostgresFact]
    public async Task The_inputs_are_numbered_in_the_order_they_were_applied()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.ApplyAsync(Account.Create(Schema, Id), Gap());
        var read = await org.BeginAsync(ReadKind.Repair, proves: false);
        await org.FinishAsync(read, Shape, ReadOrg.Row(Id, "read", null));
        await org.ApplyAsync(Account.Update(Schema, Id, ("Name", Value.Of("b"))));

        (await org.OneAsync("select string_agg(concat_ws(' ', first, count, events, read), ', ' order by first) from salesforce_sync.input"))
            .ShouldBe($"1 2 {{1,-2}}, 3 1 {read.Id}, 4 1 {{3}}");
        (await org.OneAsync("select record_id || number || becomes || (columns ->> 'name') || (columns ->> '_sync_source') from salesforce_sync.read_row")).ShouldBe($"{Id}3keptreadrepair");
    }

    private static NumberedChange Gap() => Account.Change(ChangeKind.GapUpdate, Schema, [Id], []);
}
