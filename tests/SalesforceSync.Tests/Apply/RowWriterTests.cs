using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

public class RowWriterTests
{
    private const string Id = "001000000000001AAA";

    private static readonly TestChanges Account = new("Account");
    private static readonly EventSchema Schema = new TestSchema("Account").Text("Name", "Industry").Field("AnnualRevenue", "\"double\"", "Data:Currency").Build("s1");

    public static TheoryData<int> Paths => [RowsDatabase.Single, RowsDatabase.Staged];

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_create_writes_every_field_and_all_system_columns(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var change = Account.Create(Schema, Id, ("Name", Value.Of("Acme")), ("AnnualRevenue", Value.Of(12.5)));

        var outcome = await database.WriteAsync(RowsDatabase.Writer(stagedFrom), change);

        outcome.Rows.ShouldBe(1);
        outcome.Repairs.ShouldBeEmpty();
        var row = await database.RowAsync("account", Id);
        row["name"].ShouldBe("Acme");
        row["industry"].ShouldBeNull();
        row["annualrevenue"].ShouldBe("12.5");
        row["_sync_event"].ShouldBe(change.Number.ToString());
        row["_sync_source"].ShouldBe("cdc");
        row["_sync_deleted"].ShouldBe("false");
        row["_sync_incomplete"].ShouldBe("false");
        row["_sync_commit_at"].ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(change.Event.Header.CommitTimestamp).ToString("yyyy-MM-dd HH:mm:ss.FFF") + "+00");
        row["_sync_commit_number"].ShouldBe(change.Event.Header.CommitNumber.ToString());
        row["_sync_transaction_key"].ShouldBe(change.Event.Header.TransactionKey);
        row["_sync_sequence"].ShouldBe(change.Event.Header.SequenceNumber.ToString());
        row["_sync_applied_at"].ShouldBe("2026-01-02 03:04:05.678+00");
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task An_update_writes_its_fields_and_leaves_the_others(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await database.WriteAsync(writer, Account.Create(Schema, Id, ("Name", Value.Of("Acme")), ("Industry", Value.Of("Steel")), ("AnnualRevenue", Value.Of(1d))));

        var outcome = await database.WriteAsync(writer, Account.Update(Schema, Id, ("Industry", Value.Null), ("AnnualRevenue", Value.Of(2d))));

        outcome.Repairs.ShouldBeEmpty();
        var row = await database.RowAsync("account", Id);
        (row["name"], row["industry"], row["annualrevenue"]).ShouldBe(("Acme", null, "2"));
        row["_sync_incomplete"].ShouldBe("false");
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task An_update_of_a_record_never_seen_inserts_what_is_known_and_asks_for_the_rest_once(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);

        var first = await database.WriteAsync(writer, Account.Update(Schema, Id, ("Industry", Value.Of("Steel"))));
        var second = await database.WriteAsync(writer, Account.Update(Schema, Id, ("Name", Value.Of("Acme"))));

        first.Repairs.ShouldBe([new("Account", Id, RepairReason.Unseen)]);
        second.Repairs.ShouldBeEmpty();
        var row = await database.RowAsync("account", Id);
        (row["name"], row["industry"], row["_sync_incomplete"], row["_sync_deleted"]).ShouldBe(("Acme", "Steel", "true", "false"));
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_create_completes_a_stub(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await database.WriteAsync(writer, Account.Update(Schema, Id, ("Industry", Value.Of("Steel"))));

        await database.WriteAsync(writer, Account.Create(Schema, Id, ("Name", Value.Of("Acme"))));

        var row = await database.RowAsync("account", Id);
        (row["name"], row["industry"], row["_sync_incomplete"]).ShouldBe(("Acme", null, "false"));
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_soft_delete_keeps_the_values_and_an_undelete_writes_the_full_record(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await database.WriteAsync(writer, Account.Create(Schema, Id, ("Name", Value.Of("Acme")), ("Industry", Value.Of("Steel"))));

        await database.WriteAsync(writer, Account.Delete(Schema, Id));
        var deleted = await database.RowAsync("account", Id);
        await database.WriteAsync(writer, Account.Undelete(Schema, Id, ("Name", Value.Of("Acme 2"))));
        var back = await database.RowAsync("account", Id);

        (deleted["name"], deleted["_sync_deleted"]).ShouldBe(("Acme", "true"));
        (back["name"], back["industry"], back["_sync_deleted"], back["_sync_incomplete"]).ShouldBe(("Acme 2", null, "false", "false"));
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_delete_of_a_record_never_seen_leaves_a_tombstone(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();

        var outcome = await database.WriteAsync(RowsDatabase.Writer(stagedFrom), Account.Delete(Schema, Id));

        outcome.Repairs.ShouldBeEmpty();
        (await database.RowAsync("account", Id))["_sync_deleted"].ShouldBe("true");
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task An_update_of_a_tombstone_revives_it_incomplete(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await database.WriteAsync(writer, Account.Create(Schema, Id, ("Name", Value.Of("Acme"))));
        await database.WriteAsync(writer, Account.Delete(Schema, Id));

        var outcome = await database.WriteAsync(writer, Account.Update(Schema, Id, ("Industry", Value.Of("Steel"))));

        outcome.Repairs.ShouldBe([new("Account", Id, RepairReason.Revived)]);
        var row = await database.RowAsync("account", Id);
        (row["name"], row["industry"], row["_sync_deleted"], row["_sync_incomplete"]).ShouldBe(("Acme", "Steel", "false", "true"));
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task A_hard_delete_removes_the_row_and_of_a_record_never_seen_leaves_nothing(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom, rule: new ObjectRule(HardDeletes: true));
        await database.WriteAsync(writer, Account.Create(Schema, Id, ("Name", Value.Of("Acme"))));

        await database.WriteAsync(writer, Account.Delete(Schema, Id), Account.Delete(Schema, "001000000000002AAA"));

        (await database.RowsAsync("account")).ShouldBeEmpty();
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task One_event_for_many_records_writes_each_and_a_wildcard_asks_for_the_object(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writes = TestChanges.Writes(Schema, ("Industry", Value.Of("Steel")));

        var many = Account.Change(ChangeKind.Create, Schema, ["001A", "001B", "001C"], writes);
        var outcome = await database.WriteAsync(RowsDatabase.Writer(stagedFrom), many, Account.Change(ChangeKind.Update, Schema, ["001*"], writes));

        outcome.Repairs.ShouldBe([new("Account", null, RepairReason.Wildcard)]);
        var rows = await database.RowsAsync("account");
        rows.Keys.ShouldBe(["001A", "001B", "001C"]);
        rows.Values.ShouldAllBe(r => r["_sync_event"] == many.Number.ToString() && r["industry"] == "Steel");
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task What_an_event_cannot_tell_exactly_is_asked_for(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await database.WriteAsync(writer, Account.Create(Schema, Id, ("Industry", Value.Of("kept"))));
        var substituted = Account.Update(Schema, Id, ("Name", Value.Of("a\ufffdb")));
        substituted = substituted with { Event = substituted.Event with { Substituted = [substituted.Event.Writes[0].Field] } };

        var outcome = await database.WriteAsync(writer,
            Account.Diff(Schema, Id, "Industry"), Account.Update(Schema, Id, ("AnnualRevenue", Value.Of(0.1 + 0.2))), substituted);

        outcome.Repairs.Select(r => r.Reason).ShouldBe([RepairReason.Precision, RepairReason.TextDiff]);
        outcome.Substituted.ShouldBe([("Account", Id)]);
        outcome.Repairs.ShouldAllBe(r => r.Object == "Account" && r.RecordId == Id);
        var row = await database.RowAsync("account", Id);
        (row["industry"], row["annualrevenue"]).ShouldBe(("kept", "0.30000000000000004"));
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task Excluded_fields_have_no_column_and_no_repair_and_an_excluded_object_no_table(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom, rule: new ObjectRule(Exclude: new HashSet<string> { "INDUSTRY" }));
        var none = RowsDatabase.Writer(stagedFrom, org: "none", rule: new ObjectRule(Include: false));

        var outcome = await database.WriteAsync(writer, Account.Create(Schema, Id, ("Industry", Value.Of("secret"))), Account.Diff(Schema, Id, "Industry"));
        (await database.WriteAsync(none, Account.Create(Schema, Id))).Rows.ShouldBe(0);

        outcome.Repairs.ShouldBeEmpty();
        (await database.RowAsync("account", Id)).ShouldNotContainKey("industry");
        (await database.ScalarAsync("select to_regclass('none.account') is null")).ShouldBe(true);
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task Each_record_is_written_once_per_call_as_triggers_see_it(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await database.WriteAsync(writer, Account.Create(Schema, "001X"), Account.Create(Schema, "001Y"), Account.Delete(Schema, "001Y"));
        await database.RunAsync("""
            create table public.ledger (id text, event bigint);
            create function public.note() returns trigger language plpgsql as $$ begin insert into public.ledger values (new.id, new._sync_event); return new; end $$;
            create trigger note before insert or update on acme.account for each row execute function public.note();
            """);

        await database.WriteAsync(writer,
            Account.Update(Schema, "001X", ("Name", Value.Of("1"))), Account.Update(Schema, "001X", ("Name", Value.Of("2"))),
            Account.Undelete(Schema, "001Y", ("Name", Value.Of("1"))), Account.Update(Schema, "001Y", ("Name", Value.Of("2"))),
            Account.Create(Schema, "001Z"), Account.Delete(Schema, "001Z"), Account.Undelete(Schema, "001Z"),
            Account.Update(Schema, "001W", ("Name", Value.Of("1"))), Account.Update(Schema, "001W", ("Name", Value.Of("2"))));

        (await database.ListAsync("select id || ' ' || count(*) from public.ledger group by id order by id"))
            .ShouldBe(["001W 1", "001X 1", "001Y 1", "001Z 1"]);
        (await database.ListAsync("select id from acme.account where _sync_deleted")).ShouldBeEmpty();
    }

    /// <summary>Commit numbers begin anew when an org moves, and commit times are of clocks that differ.</summary>
    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task What_came_later_wins_whatever_commit_numbers_and_times_say(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var changes = new[] { Account.Create(Schema, Id, ("Name", Value.Of("1"))), Account.Update(Schema, Id, ("Name", Value.Of("2"))), Account.Update(Schema, Id, ("Name", Value.Of("3"))) };
        var fallen = changes.Select((change, i) => change with
        {
            Event = change.Event with { Header = change.Event.Header with { CommitNumber = 1_000 - i, CommitTimestamp = TestChanges.CommittedAt - i } },
        });
        await database.WriteAsync(RowsDatabase.Writer(stagedFrom), [.. fallen]);
        (await database.RowAsync("account", Id))["name"].ShouldBe("3");
    }

    [PostgresTheory]
    [MemberData(nameof(Paths))]
    public async Task Several_calls_in_one_transaction_each_write_their_own_changes(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(stagedFrom);
        await using (var transaction = await database.Connection.BeginTransactionAsync())
        {
            for (var call = 0; call < 3; call++)
            {
                var changes = Enumerable.Range(0, 50).Select(i => Account.Create(Schema, $"001{call}{i:d3}")).Append(Account.Update(Schema, "0010000", ("Name", Value.Of($"{call}"))));
                var outcome = await writer.WriteAsync(database.Connection, [.. changes], RowsDatabase.AppliedAt, CancellationToken.None);
                outcome.Repairs.ShouldBeEmpty();
            }
            await transaction.CommitAsync();
        }

        var rows = await database.RowsAsync("account");
        rows.Count.ShouldBe(150);
        rows["0010000"]["name"].ShouldBe("2");
    }

    [PostgresFact]
    public async Task A_transaction_larger_than_the_stage_is_written_in_calls_and_the_stage_stays_small()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer();
        await using (var transaction = await database.Connection.BeginTransactionAsync())
        {
            for (var call = 0; call < 8; call++)
            {
                var changes = Enumerable.Range(0, 5000).Select(i => Account.Update(Schema, $"001{i:d15}", ("Name", Value.Of($"{call}")))).ToList();
                var outcome = await writer.WriteAsync(database.Connection, changes, RowsDatabase.AppliedAt, CancellationToken.None);
                outcome.Repairs.Count.ShouldBe(call == 0 ? 5000 : 0);
            }
            await transaction.CommitAsync();
        }

        (await database.ScalarAsync("select count(*) from acme.account where name = '7' and _sync_incomplete")).ShouldBe(5000L);
        (await database.ScalarAsync("select max(pg_relation_size(oid)) < 4 * 1024 * 1024 from pg_class where relpersistence = 't' and relkind = 'r'")).ShouldBe(true);
    }

    [PostgresFact]
    public async Task A_kind_that_writes_no_row_is_refused_with_its_number()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var change = Account.Change(ChangeKind.Unknown, Schema, [Id], []);

        var refused = await Should.ThrowAsync<UnwritableChangeException>(() => database.WriteAsync(RowsDatabase.Writer(), change));

        refused.Number.ShouldBe(change.Number);
    }
}
