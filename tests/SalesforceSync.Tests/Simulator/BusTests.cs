using Eventbus.V1;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Tests.Simulator;

public class BusTests
{
    private readonly ManualClock _clock = new();
    private readonly SimulatedOrg _org;

    public BusTests() => _org = new SimulatedOrg(new OrgOptions
    {
        Enrichment = new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>>
        {
            ["/data/Sales__chn"] = new Dictionary<string, IReadOnlyList<string>> { ["Account"] = ["GUID__c", "Industry"] }
        }
    }, _clock);

    [Fact]
    public void Late_events_come_in_the_order_of_commits_and_wake_whoever_waits()
    {
        var late = _org.Begin();
        late.Lag = TimeSpan.FromSeconds(30);
        late.Create("Lead", new Dictionary<string, object?> { ["LastName"] = "late" });
        _org.Commit(late).LastPosition.ShouldBe(0);
        OrgEvents.New(_org, "Lead", ("LastName", "after"));
        _org.Truth().Records.Count.ShouldBe(2);
        (_org.Bus.EventCount, _org.Bus.Waiting).ShouldBe((0, 2));
        var latest = _org.Bus.Latest;
        var arrival = _org.Bus.Arrival;
        _clock.Advance(TimeSpan.FromSeconds(29));
        arrival.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        arrival.IsCompleted.ShouldBeTrue();
        OrgEvents.Bodies(_org).Select(body => ((Dictionary<string, object?>)body["Name"]!)["LastName"]).ShouldBe(["late", "after"]);
        // Who subscribed to what comes next while they were on their way gets them.
        Read(Topic.AllChanges, ref latest, 10).Count.ShouldBe(2);
        _org.Journal(0, 10).ShouldAllBe(transaction => transaction.LastPosition > 0);
    }

    [Fact]
    public void Days_pass_on_order_and_what_is_older_than_72_hours_is_refused()
    {
        OrgEvents.New(_org, "Lead", ("LastName", "a"));
        var first = _org.Bus.NewestEvent;
        _org.Advance(TimeSpan.FromHours(2));
        OrgEvents.New(_org, "Lead", ("LastName", "b"));
        var second = _org.Bus.NewestEvent;
        _org.Advance(TimeSpan.FromHours(69));
        _org.Bus.After(first).ShouldNotBeNull();
        _org.Advance(TimeSpan.FromHours(2));
        _org.Bus.After(first).ShouldBeNull();
        _org.Bus.After(second).ShouldNotBeNull();
        (_org.Time.GetUtcNow() - _clock.GetUtcNow()).ShouldBe(TimeSpan.FromHours(73));
    }

    [Fact]
    public void Enriched_channel_sends_one_event_for_each_record_under_one_id_with_the_values_of_delivery()
    {
        string[] ids = [.. Enumerable.Range(0, 4).Select(i => OrgEvents.New(_org, "Account", ("Name", $"n{i}"), ("GUID__c", $"g{i}")))];
        var place = _org.Bus.Latest;
        _org.Commit(t => t.Update("Account", ids, new Dictionary<string, object?> { ["Phone"] = "1" }));
        var plain = place;
        Read(Topic.AllChanges, ref plain, 10).Count.ShouldBe(1);
        var (first, again) = (place, place);
        var some = Read("/data/Sales__chn", ref first, 3);
        _org.Commit(t => t.Unpublished().Update("Account", ids[3], new Dictionary<string, object?> { ["GUID__c"] = "newer" }));
        var rest = Read("/data/Sales__chn", ref first, 3);
        (some.Count, rest.Count).ShouldBe((3, 1));
        some.Concat(rest).Select(e => e.ReplayId).Distinct().Count().ShouldBe(1);
        var bodies = some.Concat(rest).Select(e => OrgEvents.Body(_org, e)).ToArray();
        bodies.Select(body => ((List<string>)OrgEvents.Header(body)["recordIds"]!).Single()).ShouldBe(ids);
        bodies.Select(body => body["GUID__c"]).ShouldBe(["g0", "g1", "g2", "newer"]);
        bodies.ShouldAllBe(body => (string)body["Phone"]! == "1" && body["Industry"] == null);
        OrgEvents.Header(bodies[0])["changedFields"].ShouldBe(OrgEvents.Header(OrgEvents.Bodies(_org)[^1])["changedFields"]);
        OrgEvents.Body(_org, Read("/data/Sales__chn", ref again, 10)[3])["GUID__c"].ShouldBe("newer");
    }

    [Fact]
    public void Commit_numbers_fall_back_once()
    {
        for (var i = 0; i < 4; i++)
        {
            if (i == 2) _org.FallBackCommitNumbers();
            OrgEvents.New(_org, "Lead", ("LastName", "a"));
        }
        var numbers = OrgEvents.Headers(_org).Select(header => (long)header["commitNumber"]!).ToArray();
        (numbers[1] > numbers[0], numbers[2] < numbers[0], numbers[3] > numbers[2]).ShouldBe((true, true, true));
    }

    private List<ConsumerEvent> Read(string topic, ref BusPlace place, int most)
    {
        var events = new List<ConsumerEvent>();
        _org.Bus.Read(_org.FindTopic(topic)!, ref place, most, int.MaxValue, events);
        return events;
    }
}
