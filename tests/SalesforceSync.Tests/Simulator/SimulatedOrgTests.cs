using System.Text.Json;
using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Tests.Simulator;

public class SimulatedOrgTests
{
    private readonly ManualClock _clock = new();
    private readonly SimulatedOrg _org;

    public SimulatedOrgTests() => _org = new SimulatedOrg(new OrgOptions(), _clock);

    [Fact]
    public void Schemas_have_the_shape_Salesforce_gives_them()
    {
        foreach (var one in _org.Objects)
        {
            using var schema = JsonDocument.Parse(one.Schema.Json);
            one.Schema.Id.Length.ShouldBe(22);
            var fields = schema.RootElement.GetProperty("fields").EnumerateArray().ToArray();
            fields[0].GetProperty("name").GetString().ShouldBe("ChangeEventHeader");
            fields[0].GetProperty("type").GetProperty("fields")[2].GetProperty("type").GetProperty("symbols").GetArrayLength().ShouldBe(10);
            foreach (var field in fields[1..])
            {
                field.GetProperty("type")[0].GetString().ShouldBe("null");
                field.GetProperty("doc").GetString()!.Split(':').Length.ShouldBe(field.GetProperty("name").GetString()!.EndsWith("__c", StringComparison.Ordinal) ? 3 : 2);
            }
            one.Schema.Json.ShouldNotContain("logicalType");
        }
        using var account = JsonDocument.Parse(_org["Account"].Schema.Json);
        var body = account.RootElement.GetProperty("fields").EnumerateArray().ToArray();
        body.Length.ShouldBeGreaterThan(40);
        body[1].GetProperty("type").GetArrayLength().ShouldBe(3);
        body[6].GetProperty("type")[1].GetString().ShouldBe("Address");
        _org["Invoice__c"].EventRecordName.ShouldBe("Invoice__ChangeEvent");
    }

    [Fact]
    public void Added_field_moves_positions_and_makes_a_new_schema()
    {
        var old = _org["Lead"].Schema;
        var added = _org.AddField("Lead", new SimulatedField("New__c", FieldKind.Currency) { FieldId = FieldList.FieldIdOf("X", 1) });
        added.Id.ShouldNotBe(old.Id);
        _org.FindSchema(old.Id).ShouldBe(old);
        added.Fields[^1].Field.Name.ShouldBe(old.Fields[^1].Field.Name);
        added.Fields[^2].Field.Name.ShouldBe("New__c");
    }

    [Fact]
    public void Update_of_one_address_part_names_that_part_alone()
    {
        var id = New("Account", ("Name", "Acme"));
        _org.Commit(t => t.Update("Account", id, new Dictionary<string, object?> { ["ShippingStreet"] = "101 California St" }));
        _org.Commit(t => t.Update("Account", [id], new Dictionary<string, object?> { ["ShippingLatitude"] = 37.5, ["ShippingLongitude"] = -122.25 }, stamped: false));
        var replica = Replica();
        replica.ChangedFields[1].Count.ShouldBe(2);
        replica.ChangedFields[1][1].ShouldBe("6-0x01");
        // The captured geocoding update reads exactly so: no top-level element, no modification date.
        replica.ChangedFields[2].ShouldBe(["6-0x0180"]);
    }

    [Theory]
    [InlineData("Account", "0x02", "Name")]
    [InlineData("Account", "1-0x06", "FirstName", "LastName")]
    [InlineData("Account", "0x4000", "NumberOfEmployees")]
    [InlineData("Account", "5-0x0201", "BillingStreet", "BillingGeocodeAccuracy")]
    public void Bitmaps_count_from_the_last_byte(string name, string expected, params string[] changed)
    {
        var leaves = changed.Select(field => _org[name][field].Index).ToHashSet();
        FieldBitmap.Spell(_org[name].Schema, leaves, wholeCompounds: false).ShouldBe([expected]);
    }

    [Fact]
    public void Undeleted_record_is_live_again_with_all_its_values()
    {
        var id = New("Contact", ("LastName", "Ωμέγα"), ("FirstName", "Ada"), ("MailingCity", "Zürich"));
        _org.Commit(t => t.Delete("Contact", id));
        _org.Truth().Record(id).Deleted.ShouldBeTrue();
        _org.Truth().Value(id, "MailingCity").ShouldBe("Zürich");
        _org.Commit(t => t.Undelete("Contact", id));
        _org.Truth().Record(id).Deleted.ShouldBeFalse();
        _org.Truth().Value(id, "Name").ShouldBe("Ada Ωμέγα");
        var replica = Replica();
        replica.Deleted.ShouldBeEmpty();
        replica.Records[id]["MailingCity"].ShouldBe("Zürich");
    }

    [Fact]
    public void Name_of_a_person_is_joined_and_that_of_a_business_is_its_own()
    {
        var business = New("Account", ("Name", "Acme"));
        var person = New("Account", ("LastName", "Lovelace"), ("FirstName", "Ada"), ("Salutation", "Ms."));
        var lead = New("Lead", ("LastName", "King"), ("MiddleName", "Luther"), ("FirstName", "Martin"), ("Suffix", "Jr."));
        var truth = _org.Truth();
        truth.Value(business, "Name").ShouldBe("Acme");
        truth.Value(business, "LastName").ShouldBeNull();
        truth.Value(person, "Name").ShouldBe("Ada Lovelace");
        truth.Value(lead, "Name").ShouldBe("Martin Luther King Jr.");
    }

    [Fact]
    public void Events_of_a_transaction_share_a_key_and_count_up_with_holes()
    {
        _org.Commit(t =>
        {
            t.Create("Lead", new Dictionary<string, object?> { ["LastName"] = "a" });
            t.SkipSequence(2).Create("Lead", new Dictionary<string, object?> { ["LastName"] = "b" });
            t.NextSecond().Create("Lead", new Dictionary<string, object?> { ["LastName"] = "c" });
        });
        var headers = Headers();
        headers.Select(h => h["transactionKey"]).Distinct().Count().ShouldBe(1);
        headers.Select(h => h["commitNumber"]).Distinct().Count().ShouldBe(1);
        headers.Select(h => (int)h["sequenceNumber"]!).ShouldBe([1, 4, 5]);
        headers.Select(h => (long)h["commitTimestamp"]! % 1000).ShouldAllBe(rest => rest == 0);
        ((long)headers[2]["commitTimestamp"]! - (long)headers[0]["commitTimestamp"]!).ShouldBe(1000);
    }

    [Fact]
    public void Interleaved_transactions_alternate_and_cannot_share_a_record()
    {
        var drafts = new[] { _org.Begin(), _org.Begin() };
        foreach (var draft in drafts)
        {
            for (var i = 0; i < 2; i++) draft.Create("Lead", new Dictionary<string, object?> { ["LastName"] = "x" });
        }
        _org.Commit(drafts);
        var keys = Headers().Select(h => (string)h["transactionKey"]!).ToArray();
        keys.ShouldBe([keys[0], keys[1], keys[0], keys[1]]);
        keys[0].ShouldNotBe(keys[1]);

        var id = New("Lead", ("LastName", "y"));
        var both = new[] { _org.Begin().Delete("Lead", id), _org.Begin().Delete("Lead", id) };
        Should.Throw<ArgumentException>(() => _org.Commit(both));
    }

    [Fact]
    public void Gap_with_a_foreign_key_leaves_the_record_dirty_and_the_transaction_whole()
    {
        var id = New("Account", ("Name", "before"));
        var other = New("Account", ("Name", "other"));
        _org.Commit(t => t
            .Update("Account", other, new Dictionary<string, object?> { ["Phone"] = "1" })
            .GapUpdate("Account", id, new Dictionary<string, object?> { ["Phone"] = "2" }, foreignKey: true)
            .Update("Account", other, new Dictionary<string, object?> { ["Phone"] = "3" }));
        var headers = Headers()[2..];
        headers.Select(h => h["changeType"]).ShouldBe(["UPDATE", "GAP_UPDATE", "UPDATE"]);
        headers[1]["transactionKey"].ShouldNotBe(headers[0]["transactionKey"]);
        headers[2]["transactionKey"].ShouldBe(headers[0]["transactionKey"]);
        ((int)headers[2]["sequenceNumber"]!).ShouldBe(2);
        _org.Truth().Record(id).Dirty.ShouldBeTrue();
        _org.Truth().Value(id, "Phone").ShouldBe("2");
        _org.Truth().Record(other).Sequence.ShouldBe(2);
    }

    [Fact]
    public void Overflow_names_no_record_and_leaves_every_record_of_the_object_dirty()
    {
        var account = New("Account", ("Name", "x"));
        var lead = New("Lead", ("LastName", "y"));
        _org.Commit(t => t.Overflow("Account"));
        Headers()[^1]["recordIds"].ShouldBe(new List<string> { "000000000000000AAA" });
        Headers()[^1]["changeType"].ShouldBe("GAP_OVERFLOW");
        _org.Truth().Record(account).Dirty.ShouldBeTrue();
        _org.Truth().Record(lead).Dirty.ShouldBeFalse();
    }

    [Fact]
    public void Hundred_thousand_events_commit_at_once()
    {
        var committed = _org.Commit(t =>
        {
            for (var i = 0; i < 100_000; i++) t.Create("Lead", new Dictionary<string, object?> { ["LastName"] = "many" });
        });
        committed.Events.ShouldBe(100_000);
        committed.Records.ShouldBe(100_000);
        _org.Bus.EventCount.ShouldBe(100_000);
    }

    [Fact]
    public void Impossible_steps_are_refused()
    {
        var id = New("Account", ("Name", "x"));
        Should.Throw<ArgumentException>(() => _org.Commit(t => t.Undelete("Account", id)));
        Should.Throw<ArgumentException>(() => New("Account", ("NoSuchField", "x")));
        Should.Throw<ArgumentException>(() => New("Account", ("Name", "")));
        Should.Throw<ArgumentException>(() => New("Account", ("AnnualRevenue", 1)));
    }

    private string New(string name, params (string Field, object? Value)[] values)
    {
        var draft = _org.Begin();
        var id = draft.Create(name, values.ToDictionary(pair => pair.Field, pair => pair.Value));
        _org.Commit(draft);
        return id;
    }

    private StreamReplica Replica()
    {
        var replica = new StreamReplica(id => _org.FindSchema(id)!.Json);
        foreach (var delivered in WorkloadTests.Events(_org)) replica.Apply(delivered);
        return replica;
    }

    private List<Dictionary<string, object?>> Headers() => [.. WorkloadTests.Events(_org).Select(delivered =>
    {
        using var schema = JsonDocument.Parse(_org.FindSchema(delivered.Event.SchemaId)!.Json);
        return (Dictionary<string, object?>)AvroReading.Read(schema.RootElement, delivered.Event.Payload.ToByteArray())["ChangeEventHeader"]!;
    })];
}
