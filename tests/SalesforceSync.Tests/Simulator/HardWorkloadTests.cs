using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.Simulator;

public class HardWorkloadTests
{
    [Fact]
    public void Same_seed_makes_the_same_hardships()
    {
        Run(3, 300).Org.Truth().Hash().ShouldBe(Run(3, 300).Org.Truth().Hash());
        Run(3, 300).Org.Truth().Hash().ShouldNotBe(Run(4, 300).Org.Truth().Hash());
    }

    [Fact]
    public void Everything_hard_happens_and_what_the_stream_can_tell_it_tells_rightly()
    {
        var (org, workload) = Run(5, 2500);
        foreach (var kind in Enum.GetNames<HardKind>()) workload.Tally.Keys.ShouldContain(kind);
        OrgAct[] elsewhere = [OrgAct.Selection, OrgAct.CommitNumberFallBack, OrgAct.LostReplayId, OrgAct.Prefilled, OrgAct.Permission];
        org.Tally.Counts.Keys.ShouldBe(Enum.GetValues<OrgAct>().Except(elsewhere), ignoreOrder: true);

        var replica = new StreamReplica(id => org.FindSchema(id)!.Json);
        foreach (var delivered in WorkloadTests.Events(org)) replica.Apply(delivered);
        replica.Patched.ShouldBeGreaterThan(80);
        replica.Unfit.ShouldNotBeEmpty();
        foreach (var type in (string[])["GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW"]) replica.ChangeTypes.ShouldContainKey(type);
        var truth = org.Truth();
        replica.Unfit.ShouldAllBe(id => truth.Record(id).Dirty);
        foreach (var record in truth.Records.Where(record => !record.Dirty && !record.Purged))
        {
            replica.Deleted.Contains(record.Id).ShouldBe(record.Deleted, record.Id);
            var (mine, fields) = (replica.Records[record.Id], truth.Objects[record.ObjectName]);
            for (var i = 0; i < fields.Count; i++)
            {
                if (fields[i].Name == "Name" && mine.GetValueOrDefault("LastName") is not null) continue;
                mine.GetValueOrDefault(fields[i].Name).ShouldBe(record.Values[i], $"{record.ObjectName} {record.Id} {fields[i].Name}");
            }
        }
    }

    [Fact]
    public void Replay_ids_are_lost_once_at_the_transaction_given()
    {
        var clock = new ManualClock();
        var org = new SimulatedOrg(new OrgOptions(), clock);
        List<long> lost = [];
        var workload = new Workload(org, new WorkloadOptions { LoseReplayIdAt = 50, Interleaving = false }, () => lost.Add(org.Transactions));
        while (org.Transactions < 120) workload.Next();
        lost.ShouldBe([50]);
        org.Tally.Counts[OrgAct.LostReplayId].ShouldBe(1);
    }

    [Fact]
    public void Prefilled_records_are_old_unannounced_and_worked_on()
    {
        var clock = new ManualClock();
        var org = new SimulatedOrg(new OrgOptions(), clock);
        Prefill.Plant(org, new PrefillOrder { Records = 2000 }).ShouldBe(2000);
        org.Bus.EventCount.ShouldBe(0);
        var stamps = org.Read(records => org.Objects.SelectMany(records.Of).Select(record => (record.Object.Name, record.Stamp, record.Deleted)).ToArray());
        stamps.Length.ShouldBe(2000);
        stamps.GroupBy(stamp => stamp.Name).Select(group => group.Count()).ShouldAllBe(count => count > 380 && count < 420);
        stamps.Max(stamp => stamp.Stamp).ShouldBeLessThan(clock.GetUtcNow() - EventBus.Retention);
        stamps.Select(stamp => stamp.Stamp).Distinct().Count().ShouldBeGreaterThan(390);
        stamps.Count(stamp => stamp.Deleted).ShouldBeInRange(10, 80);
        var truth = org.Truth();
        truth.Objects.Values.SelectMany(fields => fields).ShouldAllBe(field => !field.Announced);
        var partner = truth.Objects["Account"].Select(field => field.Name).ToList().IndexOf("PersonContactId");
        truth.Records.Count(record => record.ObjectName == "Account" && record.Values[partner] is not null).ShouldBeGreaterThan(2);

        var workload = new Workload(org, new WorkloadOptions());
        while (org.Transactions < 300) workload.Next();
        org.Truth().Records.Count(record => record.Dirty && record.TransactionKey is not null).ShouldBeGreaterThan(100);
    }

    private static (SimulatedOrg Org, Workload Workload) Run(int seed, int transactions)
    {
        var clock = new ManualClock();
        var org = new SimulatedOrg(new OrgOptions { Seed = seed }, clock);
        var workload = new Workload(org, new WorkloadOptions { Seed = seed, Hard = HardWeights.Everything });
        while (org.Transactions < transactions)
        {
            workload.Next();
            clock.Advance(TimeSpan.FromMilliseconds(5));
        }
        clock.Advance(TimeSpan.FromSeconds(1));
        return (org, workload);
    }
}
