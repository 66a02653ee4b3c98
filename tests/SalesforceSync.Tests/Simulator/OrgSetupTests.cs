using Eventbus.V1;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Tests.Simulator;

public class OrgSetupTests
{
    private readonly ManualClock _clock = new();
    private readonly SimulatedOrg _org;

    public OrgSetupTests() => _org = new SimulatedOrg(new OrgOptions(), _clock);

    [Fact]
    public void Every_change_of_a_field_makes_a_schema_and_the_old_ones_stay_known()
    {
        var id = OrgEvents.New(_org, "Lead", ("LastName", "a"), ("GUID__c", "12"), ("NumberofLocations__c", 3.25));
        string[] schemas =
        [
            _org["Lead"].Schema.Id,
            _org.Setup.AddField("Lead", new SimulatedField("Flag__c", FieldKind.Boolean) { FieldId = FieldList.FieldIdOf("X", 1) }, existing: false).Id,
            _org.Setup.ChangeType("Lead", "GUID__c", FieldKind.StringPlusClob, maxLength: 32_000).Id,
            _org.Setup.ChangeType("Lead", "NumberofLocations__c", FieldKind.Text).Id,
            _org.Setup.Recreate("Lead", "ProductInterest__c").Id,
            _org.Setup.RemoveField("Lead", "Company").Id
        ];
        schemas.ShouldBeUnique();
        schemas.ShouldAllBe(schema => _org.FindSchema(schema) != null);
        var truth = _org.Truth();
        truth.Value(id, "Flag__c").ShouldBe(false);
        truth.Value(id, "GUID__c").ShouldBe("12");
        truth.Value(id, "NumberofLocations__c").ShouldBe("3.25");
        truth.Value(id, "ProductInterest__c").ShouldBeNull();
        truth.Objects["Lead"].ShouldNotContain(field => field.Name == "Company");
        Should.Throw<KeyNotFoundException>(() => truth.Value(id, "Company"));
        _org.Bus.EventCount.ShouldBe(1);

        _org.Commit(t => t.Update("Lead", id, new Dictionary<string, object?> { ["NumberofLocations__c"] = "many", ["Flag__c"] = true }));
        var body = OrgEvents.Bodies(_org)[^1];
        (body["NumberofLocations__c"], body["Flag__c"], body.ContainsKey("Company")).ShouldBe(("many", (object)true, false));
        _org.Tally.Counts[OrgAct.SchemaChange].ShouldBe(6);
    }

    [Fact]
    public void Recreated_field_has_another_id_and_none_of_the_values()
    {
        var id = OrgEvents.New(_org, "Account", ("Name", "a"), ("Amount_Owed__c", 12.5));
        var old = _org["Account"].FindField("Amount_Owed__c")!.FieldId;
        _org.Setup.Recreate("Account", "Amount_Owed__c", FieldKind.Text);
        _org["Account"].FindField("Amount_Owed__c")!.FieldId.ShouldNotBe(old);
        _org["Account"].Schema.Json.ShouldNotContain(old!);
        _org.Truth().Value(id, "Amount_Owed__c").ShouldBeNull();
    }

    [Fact]
    public void Conversion_that_loses_values_is_announced_by_a_wildcard_or_by_gap_events_with_ids()
    {
        var (full, empty) = (OrgEvents.New(_org, "Account", ("Name", "a"), ("GUID__c", "text"), ("CustomerPriority__c", "High")), OrgEvents.New(_org, "Account", ("Name", "b")));
        _org.Setup.ChangeType("Account", "GUID__c", FieldKind.Double, Announcement.Wildcard);
        _org.Setup.ChangeType("Account", "CustomerPriority__c", FieldKind.Boolean, Announcement.Gaps);
        var headers = OrgEvents.Headers(_org)[2..];
        headers.Select(h => ((string)h["changeType"]!, string.Join(',', (List<string>)h["recordIds"]!))).ShouldBe([("UPDATE", "001*"), ("GAP_UPDATE", $"{full},{empty}")]);
        _org.Truth().Value(full, "GUID__c").ShouldBeNull();
        _org.Truth().Value(full, "CustomerPriority__c").ShouldBe(false);
    }

    [Fact]
    public void Formula_changes_without_an_event_and_is_in_no_event()
    {
        _org.Setup.AddFormula("Account", "Age__c", FieldKind.Double, (value, now) => Math.Floor((now - (DateTimeOffset)value("CreatedDate")!).TotalDays));
        _org.Setup.AddFormula("Account", "Shout__c", FieldKind.Text, (value, _) => value("Name") is string name ? name.ToUpperInvariant() : null, inEvents: true);
        var id = OrgEvents.New(_org, "Account", ("Name", "acme"));
        _org.Advance(TimeSpan.FromDays(3));
        _org.Truth().Value(id, "Age__c").ShouldBe(3.0);
        _org.Read(records => records.Find(id)!.Values[_org["Account"]["Age__c"]]).ShouldBe(3.0);
        _org.Commit(t => t.Update("Account", id, new Dictionary<string, object?> { ["Name"] = "other" }));
        _org.Truth().Value(id, "Shout__c").ShouldBe("OTHER");
        var bodies = OrgEvents.Bodies(_org);
        bodies.ShouldAllBe(body => !body.ContainsKey("Age__c"));
        bodies.Select(body => body["Shout__c"]).ShouldBe(["ACME", null]);
        _org.Truth().Objects["Account"].Where(field => field.Formula).Select(field => field.Name).ShouldBe(["Age__c", "Shout__c"]);
    }

    [Fact]
    public void Object_taken_away_is_skipped_while_time_goes_on_and_given_back_after_a_delay()
    {
        var place = _org.Bus.Earliest;
        OrgEvents.New(_org, "Lead", ("LastName", "a"));
        _org.Access.Allow("Lead", allowed: false, TimeSpan.FromMinutes(10));
        Read(ref place).Count.ShouldBe(1);
        _org.Advance(TimeSpan.FromMinutes(10));
        var unseen = OrgEvents.New(_org, "Lead", ("LastName", "b"));
        OrgEvents.New(_org, "Contact", ("LastName", "c"));
        Read(ref place).Count.ShouldBe(1);
        _org.Truth().Record(unseen).Dirty.ShouldBeTrue();
        _org.Truth().Objects["Lead"].ShouldAllBe(field => !field.Visible);
        _org.Access.Allow("Lead", allowed: true);
        Read(ref place).ShouldBeEmpty();
        OrgEvents.New(_org, "Lead", ("LastName", "d"));
        Read(ref place).Count.ShouldBe(1);
    }

    [Fact]
    public void Hidden_field_is_null_in_events_and_no_bit_tells_of_it()
    {
        var id = OrgEvents.New(_org, "Account", ("Name", "a"), ("Phone", "1"));
        _org.Access.Show("Account", "Phone", shown: false);
        _org.Commit(t => t.Update("Account", id, new Dictionary<string, object?> { ["Phone"] = "2", ["Fax"] = "3" }));
        _org.Access.Show("Account", "Phone", shown: true);
        _org.Commit(t => t.Update("Account", id, new Dictionary<string, object?> { ["Fax"] = "4" }));
        var bodies = OrgEvents.Bodies(_org);
        (bodies[1]["Phone"], bodies[1]["Fax"]).ShouldBe((null, "3"));
        OrgEvents.Header(bodies[1])["changedFields"].ShouldBe(OrgEvents.Header(bodies[2])["changedFields"]);
        (_org.Truth().Record(id).Dirty, _org.Truth().Value(id, "Phone")).ShouldBe((true, "2"));
    }

    [Fact]
    public void Deselected_object_leaves_its_channels_until_it_is_selected_again()
    {
        var (place, single) = (_org.Bus.Earliest, _org.Bus.Earliest);
        OrgEvents.New(_org, "Lead", ("LastName", "a"));
        _org.Select("Lead", selected: false);
        OrgEvents.New(_org, "Lead", ("LastName", "b"));
        _org.FindTopic(Topic.AllChanges)!.IsMember(_org["Lead"]).ShouldBeFalse();
        _org.Select("Lead", selected: true);
        OrgEvents.New(_org, "Lead", ("LastName", "c"));
        // What was not published then is never delivered, however late one asks.
        Read(ref place).Count.ShouldBe(2);
        Read(ref single, _org["Lead"].Topic).Count.ShouldBe(2);
        _org.Select("Lead", selected: true, "/data/Sales__chn");
        var custom = _org.Bus.Earliest;
        OrgEvents.New(_org, "Lead", ("LastName", "d"));
        Read(ref custom, "/data/Sales__chn").Count.ShouldBe(1);
    }

    private List<ConsumerEvent> Read(ref BusPlace place, string topic = Topic.AllChanges)
    {
        var events = new List<ConsumerEvent>();
        _org.Bus.Read(_org.FindTopic(topic)!, ref place, int.MaxValue, int.MaxValue, events);
        return events;
    }
}
