using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

/// <summary>What becomes of a table when the object's fields change under it (rule D7, <c>SchemaChanges</c>).</summary>
public class SchemaDriftTests
{
    private const string Id = "001000000000001AAA";

    private static readonly TestChanges Account = new("Account");

    private static readonly EventSchema Text = new TestSchema("Account").Text("Name", "Size__c").Build("text");

    private static readonly EventSchema Number = new TestSchema("Account").Text("Name").Field("Size__c", "\"double\"", "Data:Double").Build("number");

    [PostgresFact]
    public async Task A_field_whose_type_changed_is_written_to_a_new_column_from_that_event_on()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer();
        await database.WriteAsync(writer, Account.Create(Text, Id, ("Size__c", Value.Of("large"))));

        var outcome = await database.WriteAsync(writer, Account.Update(Number, Id, ("Name", Value.Of("n")), ("Size__c", Value.Of(7d))));
        var again = await database.WriteAsync(writer, Account.Update(Number, Id, ("Size__c", Value.Of(8d))));

        outcome.Repairs.ShouldBeEmpty();
        var drift = outcome.Drifts.ShouldHaveSingleItem();
        (drift.Fill.Single(), drift.Stale.Single()).ShouldBe(("Size__c", "Size__c"));
        again.Drifts.ShouldBeEmpty();
        var row = await database.RowAsync("account", Id);
        (row["name"], row["size__c"], row["size__c__2"]).ShouldBe(("n", "large", "8"));
        (await FieldsAsync(database, "Size__c")).ShouldBe(["size__c text replaced type_changed size__c__2 until", "size__c__2 numeric written"]);
    }

    [PostgresFact]
    public async Task A_field_that_is_again_what_it_was_gets_its_old_column_back_and_is_read_anew()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.WriteAsync(RowsDatabase.Writer(), Account.Create(Text, Id, ("Size__c", Value.Of("large"))));
        await database.WriteAsync(RowsDatabase.Writer(), Account.Update(Number, Id, ("Size__c", Value.Of(7d))));

        var outcome = await database.WriteAsync(RowsDatabase.Writer(), Account.Update(Text, Id, ("Size__c", Value.Of("small"))));

        outcome.Drifts.Single().Fill.ShouldBe(["Size__c"]);
        var row = await database.RowAsync("account", Id);
        (row["size__c"], row["size__c__2"]).ShouldBe(("small", "7"));
        (await FieldsAsync(database, "Size__c")).ShouldBe(["size__c text written", "size__c__2 numeric replaced type_changed size__c until"]);
    }

    [PostgresFact]
    public async Task A_field_created_anew_under_an_old_name_gets_a_column_of_its_own()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var before = new TestSchema("Account").Field("F__c", "\"string\"", "Data:Text:00N000000000001").Build("s1");
        var after = new TestSchema("Account").Field("F__c", "\"string\"", "Data:Text:00N000000000002").Build("s2");
        await database.WriteAsync(RowsDatabase.Writer(), Account.Create(before, Id, ("F__c", Value.Of("old"))));

        // Another writer: what the field was is read from the record, not remembered.
        var outcome = await database.WriteAsync(RowsDatabase.Writer(), Account.Create(after, "001B", ("F__c", Value.Of("new"))), Account.Update(after, Id, ("F__c", Value.Of("mine"))));

        outcome.Drifts.Single().Stale.ShouldBe(["F__c"]);
        var rows = await database.RowsAsync("account");
        (rows[Id]["f__c"], rows[Id]["f__c__2"], rows["001B"]["f__c"], rows["001B"]["f__c__2"]).ShouldBe(("old", "mine", null, "new"));
        (await FieldsAsync(database, "F__c")).ShouldBe(["f__c text replaced field_replaced f__c__2 until removed", "f__c__2 text written"]);
    }

    [PostgresTheory]
    [InlineData(RowsDatabase.Single)]
    [InlineData(RowsDatabase.Staged)]
    public async Task Numbers_that_grow_widen_their_column_in_place_even_in_the_middle_of_a_commit(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var small = new TestSchema("Account").Field("N__c", "\"int\"", "Data:Integer").Build("int");
        var longer = new TestSchema("Account").Field("N__c", "\"long\"", "Data:Long").Build("long");
        var real = new TestSchema("Account").Field("N__c", "\"double\"", "Data:Double").Build("double");

        var outcome = await database.WriteAsync(RowsDatabase.Writer(stagedFrom),
            Account.Create(small, "001A", ("N__c", Value.Of(7L))), Account.Create(small, "001B", ("N__c", Value.Of(8L))),
            Account.Update(longer, "001A", ("N__c", Value.Of(1L << 40))), Account.Update(real, "001C", ("N__c", Value.Of(0.5))),
            Account.Update(small, "001D", ("N__c", Value.Of(9L))));

        // An administrator's conversion may have changed values, and publishes none.
        outcome.Drifts.SelectMany(d => d.Fill).Distinct().ShouldBe(["N__c"]);
        (await database.RowsAsync("account")).Values.Select(r => r["n__c"]).ShouldBe(["1099511627776", "8", "0.5", "9"]);
        (await FieldsAsync(database, "N__c")).ShouldBe(["n__c numeric written"]);
        (await database.ListAsync("select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'acme.account'::regclass and attname = 'n__c'")).ShouldBe(["numeric"]);
    }

    [PostgresFact]
    public async Task A_large_table_is_not_rewritten()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.WriteAsync(RowsDatabase.Writer(), Account.Create(new TestSchema("Account").Field("N__c", "\"int\"", "Data:Integer").Build("int"), Id, ("N__c", Value.Of(7L))));
        await database.RunAsync($"update pg_class set reltuples = {TablePlanner.MostRowsRewritten} where oid = 'acme.account'::regclass");

        await database.WriteAsync(RowsDatabase.Writer(), Account.Update(new TestSchema("Account").Field("N__c", "\"long\"", "Data:Long").Build("long"), Id, ("N__c", Value.Of(8L))));

        var row = await database.RowAsync("account", Id);
        (row["n__c"], row["n__c__2"]).ShouldBe(("7", "8"));
    }

    [PostgresFact]
    public async Task A_removed_field_keeps_its_values_and_one_that_comes_back_is_read_anew()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var both = new TestSchema("Account").Text("Name", "Gone__c").Build("with");
        await database.WriteAsync(RowsDatabase.Writer(), Account.Create(both, Id, ("Gone__c", Value.Of("kept"))));

        var removed = await database.WriteAsync(RowsDatabase.Writer(), Account.Create(new TestSchema("Account").Text("Name").Build("without"), Id, ("Name", Value.Of("n"))));

        removed.Drifts.Single().Fill.ShouldBeEmpty();
        (await database.RowAsync("account", Id))["gone__c"].ShouldBe("kept");
        (await FieldsAsync(database, "Gone__c")).ShouldBe(["gone__c text written removed"]);

        var back = await database.WriteAsync(RowsDatabase.Writer(), Account.Update(both, Id, ("Gone__c", Value.Of("again"))));

        back.Drifts.Single().Fill.ShouldBe(["Gone__c"]);
        (await FieldsAsync(database, "Gone__c")).ShouldBe(["gone__c text written"]);
    }

    [PostgresFact]
    public async Task New_fields_ask_for_their_old_rows_but_a_new_table_asks_for_nothing()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer();
        (await database.WriteAsync(writer, Account.Create(Text, Id))).Drifts.ShouldAllBe(d => d.Fill.Count == 0);

        var outcome = await database.WriteAsync(writer, Account.Update(new TestSchema("Account").Text("Name", "Size__c", "A__c", "B__c").Build("s2"), Id));

        outcome.Drifts.Single().Fill.ShouldBe(["A__c", "B__c"]);
    }

    [PostgresFact]
    public async Task A_late_event_of_an_older_schema_is_written_where_its_field_stood_and_its_record_is_in_doubt()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer();
        var late = Account.Update(Text, Id, ("Name", Value.Of("late")), ("Size__c", Value.Of("tiny")));
        await database.WriteAsync(writer, Account.Create(Text, Id, ("Size__c", Value.Of("large"))), Account.Update(Number, Id, ("Size__c", Value.Of(7d))));

        var outcome = await database.WriteAsync(writer, late, Account.Update(Number, Id, ("Size__c", Value.Of(8d))));

        outcome.Drifts.ShouldBeEmpty();
        outcome.Repairs.ShouldBe([new("Account", Id, RepairReason.TypeChanged)]);
        var row = await database.RowAsync("account", Id);
        (row["name"], row["size__c"], row["size__c__2"]).ShouldBe(("late", "tiny", "8"));
    }

    [PostgresFact]
    public async Task Additive_makes_new_columns_and_freezes_a_field_that_became_another()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var additive = new ObjectRule(Changes: SchemaChanges.Additive);
        await database.WriteAsync(RowsDatabase.Writer(rule: additive), Account.Create(Text, Id, ("Size__c", Value.Of("large"))));
        var wider = new TestSchema("Account").Text("Name", "New__c").Field("Size__c", "\"double\"", "Data:Double").Build("wider");

        var outcome = await database.WriteAsync(RowsDatabase.Writer(rule: additive), Account.Update(wider, Id, ("Size__c", Value.Of(7d)), ("New__c", Value.Of("n"))));
        var again = await database.WriteAsync(RowsDatabase.Writer(rule: additive), Account.Create(wider, Id, ("Size__c", Value.Of(8d))));

        outcome.Drifts.Single().Frozen.ShouldBe([("Size__c", "type_changed")]);
        again.Drifts.ShouldBeEmpty();
        (await database.RowAsync("account", Id))["size__c"].ShouldBe("large");
        (await FieldsAsync(database, "Size__c")).ShouldBe(["size__c text frozen type_changed"]);

        // Another policy lets it in.
        (await database.WriteAsync(RowsDatabase.Writer(), Account.Update(wider, Id, ("Size__c", Value.Of(9d))))).Drifts.Single().Fill.ShouldBe(["Size__c"]);
        var row = await database.RowAsync("account", Id);
        (row["size__c"], row["size__c__2"]).ShouldBe(("large", "9"));
    }

    [PostgresFact]
    public async Task Pause_stops_the_object_at_its_first_change_and_lets_others_go_on()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync("insert into salesforce_sync.org (name) values ('acme')");
        var pause = new ObjectRule(Changes: SchemaChanges.Pause);
        var writer = RowsDatabase.Writer(rule: pause);
        var contact = new TestChanges("Contact");
        await ApplyAsync(database, writer, Account.Create(Text, Id, ("Size__c", Value.Of("large"))));

        await ApplyAsync(database, writer, Account.Update(Number, Id, ("Name", Value.Of("unseen"))), contact.Create(Text, "003A", ("Name", Value.Of("c"))));
        await ApplyAsync(database, RowsDatabase.Writer(rule: pause), Account.Update(Text, Id, ("Name", Value.Of("unseen"))));

        (await database.RowAsync("account", Id))["name"].ShouldBeNull();
        (await database.RowAsync("contact", "003A"))["name"].ShouldBe("c");
        (await database.ListAsync("select object || ' ' || state || ' ' || (select count(*) from salesforce_sync.coverage c where c.object = o.object) from salesforce_sync.object o where state = 'paused'"))
            .ShouldBe(["Account paused 1"]);

        // A person lets it in.
        await database.RunAsync("update salesforce_sync.object set state = 'copied', accepts = true where object = 'Account'");
        await ApplyAsync(database, writer, Account.Update(Number, Id, ("Size__c", Value.Of(5d))));
        (await database.RowAsync("account", Id))["size__c__2"].ShouldBe("5");
        (await database.ScalarAsync("select accepts from salesforce_sync.object where object = 'Account'")).ShouldBe(false);

        // The next change pauses again; another policy resumes with a whole reading.
        var third = new TestSchema("Account").Text("Name", "Third__c").Build("third");
        await ApplyAsync(database, writer, Account.Update(third, Id, ("Third__c", Value.Of("x"))));
        await ApplyAsync(database, RowsDatabase.Writer(), Account.Update(third, Id, ("Third__c", Value.Of("y"))));
        (await database.RowAsync("account", Id))["third__c"].ShouldBe("y");
        (await database.ListAsync("select kind || ' ' || reason || ' ' || proves from salesforce_sync.read where kind = 'snapshot'")).ShouldBe(["snapshot resumed true"]);
    }

    [PostgresFact]
    public async Task Names_of_columns_beside_keep_to_63_bytes_and_never_meet_another_field()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var field = new string('A', 57) + "__c";
        var first = new TestSchema("Account").Text(field, "B__c", "B__c__2").Build("first");
        var second = new TestSchema("Account").Field(field, "\"double\"", "Data:Double").Field("B__c", "\"double\"", "Data:Double").Text("B__c__2").Build("second");
        await database.WriteAsync(RowsDatabase.Writer(), Account.Create(first, Id, (field, Value.Of("a")), ("B__c", Value.Of("b")), ("B__c__2", Value.Of("b2"))));

        await database.WriteAsync(RowsDatabase.Writer(), Account.Update(second, Id, (field, Value.Of(1d)), ("B__c", Value.Of(2d))));

        var beside = PostgresName.Beside(field, 2);
        beside.Length.ShouldBe(63);
        var row = await database.RowAsync("account", Id);
        (row[PostgresName.Of(field)], row[beside], row["b__c"], row["b__c__2"], row["b__c__3"]).ShouldBe(("a", "1", "b", "b2", "2"));
    }

    [PostgresFact]
    public async Task Fills_of_several_fields_wait_as_one_reading_and_none_beside_a_snapshot_that_waits()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync("insert into salesforce_sync.org (name) values ('acme')");
        var rows = new DriftRows(database.Connection, "acme");
        foreach (var field in new[] { "B__c", "A__c", "A__c" })
            await rows.WriteAsync(new("Account", [field], [], [], false, false), "/data/ChangeEvents", 7, CancellationToken.None);
        (await database.ListAsync("select object || ' ' || array_to_string(fields, ' ') from salesforce_sync.read")).ShouldBe(["Account A__c B__c"]);

        await database.RunAsync("insert into salesforce_sync.read (org, object, channel, kind, reason) values ('acme', 'Contact', '/data/ChangeEvents', 'snapshot', 'first')");
        await rows.WriteAsync(new("Contact", ["A__c"], [], [], false, false), "/data/ChangeEvents", 7, CancellationToken.None);
        (await database.ScalarAsync("select count(*) from salesforce_sync.read where object = 'Contact'")).ShouldBe(1L);

        // Under way it is told to begin anew for a field that became another, and covers that; a field it never asked for is read beside it.
        await database.RunAsync("update salesforce_sync.read set state = 'reading', fields = '{Name,Size__c}' where object = 'Contact'");
        await rows.WriteAsync(new("Contact", ["New__c"], [], [], false, false), "/data/ChangeEvents", 7, CancellationToken.None);
        (await database.ScalarAsync("select count(*) from salesforce_sync.read where object = 'Contact' and kind = 'fill'")).ShouldBe(1L);
        await rows.WriteAsync(new("Contact", ["Size__c"], ["Size__c"], [], false, false), "/data/ChangeEvents", 7, CancellationToken.None);
        (await database.ListAsync("select kind || ' ' || (stale is not null) || ' ' || array_to_string(fields, ' ') from salesforce_sync.read where object = 'Contact' order by id"))
            .ShouldBe(["snapshot true Name Size__c", "fill false New__c"]);
    }

    [PostgresFact]
    public async Task A_frozen_field_opens_one_gap_and_a_substitute_is_recorded_once_per_record()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync("insert into salesforce_sync.org (name) values ('acme')");
        var rows = new DriftRows(database.Connection, "acme");
        for (var i = 0; i < 2; i++)
        {
            await rows.WriteAsync(new("Account", [], [], [("F__c", "hidden")], false, false), "/data/ChangeEvents", 7 + i, CancellationToken.None);
            await rows.SubstitutedAsync([("Account", Id)], 7 + i, CancellationToken.None);
        }
        (await database.ListAsync("select object || ' ' || from_event || ' ' || (evidence->>'reason') || ' ' || (evidence->>'field') from salesforce_sync.coverage")).ShouldBe(["Account 7 hidden F__c"]);
        (await database.ListAsync("select record_id || ' ' || event from salesforce_sync.substituted")).ShouldBe([$"{Id} 8"]);
    }

    [PostgresFact]
    public async Task A_hidden_field_is_never_overwritten_with_null_and_is_read_anew_when_it_is_visible_again()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var owner = new Ownership("acme", 1, Guid.NewGuid());
        await database.RunAsync($"insert into salesforce_sync.org (name, epoch, owner) values ('acme', 1, '{owner.Owner}')");
        await database.WriteAsync(RowsDatabase.Writer(), Account.Create(Text, Id, ("Name", Value.Of("n")), ("Size__c", Value.Of("large"))));
        await using var source = Postgres.Open(database.Connection.ConnectionString);
        var sight = new FieldSight(source, owner);

        (await sight.NoteAsync("Account", ["Id", "NAME", "Size__c"], null, CancellationToken.None)).Hidden.ShouldBeEmpty();
        (await sight.NoteAsync("Account", ["Id", "Name"], null, CancellationToken.None)).Hidden.ShouldBe(["Size__c"]);
        (await sight.NoteAsync("Account", ["Id", "Name"], null, CancellationToken.None)).Hidden.ShouldBeEmpty();
        await database.WriteAsync(RowsDatabase.Writer(), Account.Undelete(Text, Id, ("Name", Value.Of("again"))), Account.Create(Text, "001B", ("Size__c", Value.Of("shown"))));

        var rows = await database.RowsAsync("account");
        (rows[Id]["name"], rows[Id]["size__c"], rows["001B"]["size__c"]).ShouldBe(("again", "large", "shown"));
        (await database.ListAsync("select (evidence->>'reason') || ' ' || (evidence->>'field') from salesforce_sync.coverage where to_event is null")).ShouldBe(["hidden Size__c"]);

        (await sight.NoteAsync("Account", ["Id", "Name", "Size__c"], null, CancellationToken.None)).Visible.ShouldBe(["Size__c"]);
        (await database.ListAsync("select kind || ' ' || array_to_string(fields, ' ') from salesforce_sync.read")).ShouldBe(["fill Size__c"]);
        await database.WriteAsync(RowsDatabase.Writer(), Account.Undelete(Text, Id, ("Name", Value.Of("full"))));
        (await database.RowAsync("account", Id))["size__c"].ShouldBeNull();
        (await database.ScalarAsync("select table_changes from salesforce_sync.org")).ShouldBe(2L);
        await Should.ThrowAsync<OwnershipLostException>(() => new FieldSight(source, owner with { Epoch = 2 }).NoteAsync("Account", ["Id"], null, CancellationToken.None));
    }

    [PostgresFact]
    public async Task A_field_that_was_never_visible_is_hidden_without_a_gap()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var owner = new Ownership("acme", 1, Guid.NewGuid());
        await database.RunAsync($"insert into salesforce_sync.org (name, epoch, owner) values ('acme', 1, '{owner.Owner}')");
        await database.WriteAsync(RowsDatabase.Writer(), Account.Create(Text, Id));
        await using var source = Postgres.Open(database.Connection.ConnectionString);

        (await new FieldSight(source, owner).NoteAsync("Account", ["Id", "Name"], null, CancellationToken.None)).Hidden.ShouldBe(["Size__c"]);

        (await database.ScalarAsync("select count(*) from salesforce_sync.coverage")).ShouldBe(0L);
    }

    [PostgresFact]
    public async Task A_record_of_no_known_kind_in_a_custom_field_is_one_column_of_json_and_a_place_is_taken_apart()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var schema = new TestSchema("Account")
            .Compound("Blob__c", "Mystery", "Data:Unknown", ("Part", "\"string\""), ("Latitude", "\"double\""))
            .Compound("Spot__c", "Spot__c", "Data:Whatever", ("Latitude", "\"double\""), ("Longitude", "\"double\""))
            .Compound("Home__c", "Address", "Data:Address", ("Street", "\"string\""), ("NewPart", "\"string\"")).Build("s1");

        await database.WriteAsync(RowsDatabase.Writer(), Account.Create(schema, Id, ("Blob__c", FieldValue.Of("{\"Part\":\"x\"}"u8.ToArray())), ("Spot__Latitude__s", Value.Of(1.5))));

        var row = await database.RowAsync("account", Id);
        (row["blob__c"], row["spot__latitude__s"], row["home__street__s"], row["home__newpart__s"]).ShouldBe(("{\"Part\": \"x\"}", "1.5", null, null));
    }

    private static async Task ApplyAsync(RowsDatabase database, RowWriter writer, params NumberedChange[] changes)
    {
        var outcome = await database.WriteAsync(writer, changes);
        foreach (var drift in outcome.Drifts)
            await new DriftRows(database.Connection, "acme").WriteAsync(drift, "/data/ChangeEvents", 1, CancellationToken.None);
    }

    private static Task<List<string>> FieldsAsync(RowsDatabase database, string field) => database.ListAsync($"""
        select concat_ws(' ', "column", type, state, reason, replaced_by, case when until is not null then 'until' end, case when removed_at is not null then 'removed' end)
        from salesforce_sync.field where org = 'acme' and field = '{field}' order by "column"
        """);
}
