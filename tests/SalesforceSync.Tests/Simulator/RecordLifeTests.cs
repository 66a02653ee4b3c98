using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Tests.Simulator;

public class RecordLifeTests
{
    private readonly ManualClock _clock = new();
    private readonly SimulatedOrg _org;

    public RecordLifeTests() => _org = new SimulatedOrg(new OrgOptions(), _clock);

    [Fact]
    public void Every_change_moves_the_stamp_unless_told_not_to()
    {
        var id = New("Account", ("Name", "Acme"));
        var began = Stamp(id);
        began.ShouldBe(_clock.GetUtcNow());
        Later(t => t.Update("Account", [id], new Dictionary<string, object?> { ["BillingLatitude"] = 1.5 }, stamped: false)).ShouldBe(1);
        (Stamp(id) - began).ShouldBe(TimeSpan.FromSeconds(5.25));
        Later(t => t.Unstamped().Update("Account", id, new Dictionary<string, object?> { ["Phone"] = "1" }));
        (Stamp(id) - began).ShouldBe(TimeSpan.FromSeconds(5.25));
        Later(t => t.Delete("Account", id));
        (Stamp(id) - began).ShouldBe(TimeSpan.FromSeconds(15.75));
        Later(t => t.BegunEarlier(TimeSpan.FromMinutes(20)).Undelete("Account", id));
        (Stamp(id) - began).ShouldBe(TimeSpan.FromSeconds(21) - TimeSpan.FromMinutes(20));
    }

    [Fact]
    public void Purged_record_is_found_by_no_read_and_told_of_by_no_event()
    {
        var (live, binned, kept) = (New("Account", ("Name", "a")), New("Account", ("Name", "b")), New("Account", ("Name", "c")));
        _org.Commit(t => t.Delete("Account", binned));
        Ids(records => records.Bin(_org["Account"])).ShouldBe([binned]);
        _org.Commit(t => t.Purge("Account", live, binned)).Events.ShouldBe(0);
        Ids(records => records.Of(_org["Account"])).ShouldBe([kept]);
        Ids(records => records.Live(_org["Account"])).ShouldBe([kept]);
        _org.Read(records => records.Find(live)).ShouldBeNull();
        _org.Read(records => records.Find(kept[..15])!.Id).ShouldBe(kept);
        (_org.Truth().Record(live).Purged, _org.Truth().Record(live).Dirty, _org.Truth().Record(binned).Dirty).ShouldBe((true, true, false));
        Should.Throw<ArgumentException>(() => _org.Commit(t => t.Undelete("Account", binned)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Merge_deletes_the_losers_and_gives_their_children_a_new_parent(bool tell)
    {
        var (winner, loser) = (New("Account", ("Name", "winner")), New("Account", ("Name", "loser")));
        var (first, second) = (New("Contact", ("LastName", "x"), ("AccountId", loser)), New("Contact", ("LastName", "y"), ("AccountId", loser)));
        var invoice = New("Invoice__c", ("Name", "i"), ("Account__c", loser));
        _org.Commit(t => t.Merge("Account", winner, [loser], new Dictionary<string, object?> { ["Phone"] = "7" }, tell));
        var headers = OrgEvents.Headers(_org)[5..];
        headers.Select(h => h["changeType"]).ShouldBe(tell ? ["DELETE", "UPDATE", "UPDATE", "UPDATE"] : ["DELETE", "UPDATE"]);
        _org.Read(records => records.Find(loser)!.MasterRecordId).ShouldBe(winner);
        var truth = _org.Truth();
        truth.Value(winner, "Phone").ShouldBe("7");
        foreach (var contact in (string[])[first, second])
        {
            truth.Value(contact, "AccountId").ShouldBe(winner);
            truth.Record(contact).Dirty.ShouldBe(!tell);
        }
        truth.Value(invoice, "Account__c").ShouldBe(winner);
        truth.Record(loser).Dirty.ShouldBeFalse();
    }

    [Fact]
    public void Change_whose_event_is_never_delivered_leaves_a_hole_in_the_sequence_and_the_record_dirty()
    {
        var (told, untold) = (New("Lead", ("LastName", "a")), New("Lead", ("LastName", "b")));
        _org.Commit(t => t
            .Update("Lead", told, new Dictionary<string, object?> { ["Title"] = "1" })
            .Unpublished().Update("Lead", untold, new Dictionary<string, object?> { ["Title"] = "2" })
            .Published().Update("Lead", told, new Dictionary<string, object?> { ["Title"] = "3" })).Events.ShouldBe(2);
        OrgEvents.Headers(_org)[2..].Select(h => (int)h["sequenceNumber"]!).ShouldBe([1, 3]);
        var truth = _org.Truth();
        truth.Value(untold, "Title").ShouldBe("2");
        (truth.Record(told).Dirty, truth.Record(untold).Dirty).ShouldBe((false, true));
    }

    [Fact]
    public void Overflow_stands_for_every_change_behind_the_first_ones_once_for_each_object()
    {
        string[] leads = [.. Enumerable.Range(0, 6).Select(i => New("Lead", ("LastName", $"l{i}")))];
        var account = New("Account", ("Name", "a"));
        _org.Commit(t =>
        {
            t.OverflowAfter(2);
            foreach (var id in leads[..4]) t.Update("Lead", id, new Dictionary<string, object?> { ["Title"] = "new" });
            t.Delete("Account", account).Delete("Lead", leads[4]);
        });
        var headers = OrgEvents.Headers(_org)[7..];
        headers.Select(h => ((string)h["changeType"]!, (string)h["entityName"]!)).ShouldBe(
            [("UPDATE", "Lead"), ("UPDATE", "Lead"), ("GAP_OVERFLOW", "Lead"), ("GAP_OVERFLOW", "Account")]);
        headers[2]["recordIds"].ShouldBe(new List<string> { "000000000000000AAA" });
        var truth = _org.Truth();
        leads.Select(id => truth.Record(id).Dirty).ShouldBe([false, false, true, true, true, false]);
        truth.Value(leads[3], "Title").ShouldBe("new");
        truth.Record(account).Deleted.ShouldBeTrue();
    }

    [Fact]
    public void Gap_events_of_all_kinds_name_several_records()
    {
        var draft = _org.Begin();
        var ids = draft.GapCreate("Lead", 3, new Dictionary<string, object?> { ["LastName"] = "z" }, foreignKey: false);
        _org.Commit(draft);
        _org.Commit(t => t.GapUpdate("Lead", ids, new Dictionary<string, object?> { ["Title"] = "t" }, foreignKey: true));
        _org.Commit(t => t.GapDelete("Lead", ids, foreignKey: true));
        _org.Commit(t => t.GapUndelete("Lead", [.. ids.Take(2)], foreignKey: false));
        var headers = OrgEvents.Headers(_org);
        headers.Select(h => h["changeType"]).ShouldBe(["GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE"]);
        headers.Select(h => ((List<string>)h["recordIds"]!).Count).ShouldBe([3, 3, 3, 2]);
        var truth = _org.Truth();
        ids.Select(id => truth.Record(id).Deleted).ShouldBe([false, false, true]);
        truth.Records.ShouldAllBe(record => record.Dirty);
    }

    [Fact]
    public void Wildcard_names_the_prefix_of_the_object_and_no_field()
    {
        New("Account", ("Name", "a"));
        _org.Commit(t => t.Wildcard("Account"));
        var header = OrgEvents.Headers(_org)[^1];
        header["recordIds"].ShouldBe(new List<string> { "001*" });
        header["changeType"].ShouldBe(ChangeType.Symbols[ChangeType.Update]);
        header["changedFields"].ShouldBe(new List<string>());
    }

    [Fact]
    public async Task Number_with_more_digits_than_a_double_is_kept_exactly_and_streamed_as_a_double()
    {
        var id = New("Opportunity", ("Name", "o"), ("Amount", 1234567890123456.78m));
        (OrgEvents.Bodies(_org)[^1]["Amount"], _org.Truth().Record(id).Dirty).ShouldBe((1234567890123456.78, true));
        using var stream = new MemoryStream();
        foreach (var line in TruthJson.Lines(_org.Truth())) stream.Write(line.Span);
        stream.Position = 0;
        (await TruthJson.ReadAsync(stream, CancellationToken.None)).Value(id, "Amount").ShouldBe(1234567890123456.78m);
        var carried = New("Opportunity", ("Name", "p"), ("Amount", 12.5m));
        _org.Truth().Record(carried).Dirty.ShouldBeFalse();
    }

    [Fact]
    public void Gap_event_leaves_the_origin_to_the_last_event_that_wrote()
    {
        var id = New("Lead", ("LastName", "a"));
        var origin = _org.Truth().Record(id).TransactionKey;
        _org.Commit(t => t.GapUpdate("Lead", id, new Dictionary<string, object?> { ["Title"] = "t" }, foreignKey: false));
        _org.Truth().Record(id).TransactionKey.ShouldBe(origin);
    }

    private int Later(Action<TransactionDraft> write)
    {
        _clock.Advance(TimeSpan.FromSeconds(5.25));
        return _org.Commit(write).Events;
    }

    private DateTimeOffset Stamp(string id) => _org.Read(records => records.Find(id)!.Stamp);

    private string[] Ids(Func<RecordStore, IEnumerable<SimulatedRecord>> select) => _org.Read(records => select(records).Select(record => record.Id).ToArray());

    private string New(string name, params (string Field, object? Value)[] values) => OrgEvents.New(_org, name, values);
}
