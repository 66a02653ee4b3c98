using Eventbus.V1;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.Simulator;

public class WorkloadTests
{
    [Fact]
    public void Same_seed_makes_the_same_truth()
    {
        Run(7, 300).Truth().Hash().ShouldBe(Run(7, 300).Truth().Hash());
        Run(7, 300).Truth().Hash().ShouldNotBe(Run(8, 300).Truth().Hash());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Stream_read_by_its_schemas_alone_gives_the_truth(int seed)
    {
        var org = Run(seed, 1000);
        var replica = new StreamReplica(id => org.FindSchema(id)!.Json);
        foreach (var delivered in Events(org)) replica.Apply(delivered);

        var truth = org.Truth();
        var clean = truth.Records.Where(record => !record.Dirty).ToArray();
        clean.Length.ShouldBeGreaterThan(300);
        foreach (var record in clean)
        {
            replica.Deleted.Contains(record.Id).ShouldBe(record.Deleted, record.Id);
            var mine = replica.Records[record.Id];
            var fields = truth.Objects[record.ObjectName];
            for (var i = 0; i < fields.Count; i++)
            {
                if (fields[i].Name == "Name" && mine.GetValueOrDefault("LastName") is not null) continue;
                mine.GetValueOrDefault(fields[i].Name).ShouldBe(record.Values[i], $"{record.ObjectName} {record.Id} {fields[i].Name}");
            }
        }
        replica.Records.Count.ShouldBeLessThanOrEqualTo(truth.Records.Count);
    }

    [Fact]
    public void Workload_brings_everything_a_replica_has_to_survive()
    {
        var org = Run(3, 2000, out var workload);
        var replica = new StreamReplica(id => org.FindSchema(id)!.Json);
        var events = Events(org);
        foreach (var delivered in events) replica.Apply(delivered);

        foreach (var type in (string[])["CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE"]) replica.ChangeTypes.ShouldContainKey(type);
        foreach (var kind in (string[])["ConvertLead", "UpdateMany", "DeleteMany", "Geocode", "TouchThenSet", "CreatePerson", "Import", "GapInside", "GapAlone", "Interleave", "AddField"])
            workload.Tally.Keys.ShouldContain(kind);
        events.Select(e => e.Event.SchemaId).Distinct().Count().ShouldBeGreaterThan(5);
        replica.ChangedFields.ShouldContain(changed => changed.Count > 0 && changed[0].Contains('-'), "no bitmap without a top-level element");
        replica.ChangedFields.ShouldContain(changed => changed.Count > 2);
        var truth = org.Truth();
        truth.Records.ShouldContain(record => record.Dirty);
        var texts = truth.Records.SelectMany(record => record.Values).OfType<string>().ToArray();
        texts.ShouldContain(text => text.Length > 30_000);
        texts.ShouldContain(text => text.EnumerateRunes().Any(rune => rune.Value > 0xFFFF));
        texts.ShouldContain(text => text.Contains("\r\n", StringComparison.Ordinal) && text.Contains('"') == false);
        truth.Records.SelectMany(record => record.Values).OfType<DateOnly>().ShouldContain(date => date.Year < 1900);
    }

    [Fact]
    public async Task Truth_survives_the_way_through_json()
    {
        var truth = Run(4, 400).Truth();
        using var stream = new MemoryStream();
        foreach (var line in TruthJson.Lines(truth)) stream.Write(line.Span);
        stream.Position = 0;
        (await TruthJson.ReadAsync(stream, CancellationToken.None)).Hash().ShouldBe(truth.Hash());
    }

    [Fact]
    public void Bench_events_are_updates_of_forty_fields_in_about_800_bytes()
    {
        var org = new SimulatedOrg(new OrgOptions(), new ManualClock());
        var prepared = new BenchWorkload(org, 1).Prepare(200, CancellationToken.None);
        org.Bus.EventCount.ShouldBe(1000);
        org.Release(prepared);
        var updates = Events(org)[1000..];
        updates.Count.ShouldBe(200);
        updates.Average(e => e.Event.Payload.Length).ShouldBeInRange(700, 950);
        var replica = new StreamReplica(id => org.FindSchema(id)!.Json);
        foreach (var update in updates) replica.Apply(update);
        replica.ChangeTypes["UPDATE"].ShouldBe(200);
        foreach (var changed in replica.ChangedFields)
        {
            Convert.FromHexString(changed[0][2..]).Sum(b => int.PopCount(b)).ShouldBeInRange(36, 41);
        }
    }

    internal static List<ConsumerEvent> Events(SimulatedOrg org)
    {
        var events = new List<ConsumerEvent>();
        var place = default(BusPlace);
        org.Bus.Read(org.FindTopic(Topic.AllChanges)!, ref place, int.MaxValue, int.MaxValue, events);
        return events;
    }

    private static SimulatedOrg Run(int seed, int transactions) => Run(seed, transactions, out _);

    private static SimulatedOrg Run(int seed, int transactions, out Workload workload)
    {
        var clock = new ManualClock();
        var org = new SimulatedOrg(new OrgOptions { Seed = seed }, clock);
        workload = new Workload(org, new WorkloadOptions { Seed = seed });
        while (org.Transactions < transactions)
        {
            workload.Next();
            clock.Advance(TimeSpan.FromMilliseconds(5));
        }
        return org;
    }
}
