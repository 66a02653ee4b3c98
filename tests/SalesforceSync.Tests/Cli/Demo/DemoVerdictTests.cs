using SalesforceSync.Cli.Demo;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Control;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Cli.Demo;

public class DemoVerdictTests
{
    private static readonly DemoOrder Order = new(Records: 100, Seconds: 1, Rate: 1, Seed: 1, Keep: false, Json: false);

    private static readonly DemoFigures Tried = DemoFigures.None with { Kills = 3, Cuts = 1, Losses = 1 };

    private static readonly IReadOnlyList<GapsSeen> Closed = [new("replayid.corrupted", 1, 1)];

    [PostgresFact]
    public async Task Whatever_is_altered_in_the_copy_fails_the_demo()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        copied.Start();
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = 3, Gaps = false });
        for (var i = 0; i < 1_000; i++)
            workload.Next();
        await copied.CaughtUpAsync();
        (await copied.StopAsync()).ShouldBe(0);
        var truth = copied.Simulated.Org.Truth();
        await using (var settle = copied.Source.CreateCommand(
            "delete from salesforce_sync.repair; delete from salesforce_sync.deletion; delete from salesforce_sync.read; delete from salesforce_sync.coverage where state = 'gap'"))
            await settle.ExecuteNonQueryAsync();
        (await FailuresAsync(copied, truth)).ShouldBeEmpty();

        await FailsAsync("update acme.lead set company = company || '.' where id = (select min(id) from acme.lead where not _sync_deleted)", "1 differences between the org and its copy");
        await FailsAsync("delete from acme.lead where id = (select min(id) from acme.lead where not _sync_deleted)", "1 differences between the org and its copy");
        await FailsAsync("update salesforce_sync.org set torn = 2", "1 transactions were not applied whole, and no lost replay id is the cause");
        await FailsAsync("insert into salesforce_sync.repair (org, object, record_id, reason, event) values ('acme', 'Lead', '00Q', 'gap_update', 1)", "1 repairs are open");
        await FailsAsync("update salesforce_sync.repair set state = 'failed'", "1 repairs were given up");
        await FailsAsync("insert into salesforce_sync.coverage (org, state, from_event, from_at, evidence) values ('acme', 'gap', 1, now(), '{}')", "1 coverage gaps are open");
        await FailsAsync("insert into salesforce_sync.read (org, object, channel, kind, reason) values ('acme', 'Lead', '/data/ChangeEvents', 'fill', 'new_field')", "1 readings are open");

        async Task FailsAsync(string alteration, string failure)
        {
            await using var command = copied.Source.CreateCommand(alteration);
            (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
            (await FailuresAsync(copied, truth)).ShouldContain(failure);
        }
    }

    [Fact]
    public void A_demo_that_was_not_tried_hard_enough_fails()
    {
        var good = Outcome(new Truth(1, 5, new Dictionary<string, IReadOnlyList<TruthField>>(), []), Evidence(new ComparisonResult(1, 10, 100, 0, [], 0, 0), stored: 5));
        Failures(good).ShouldBeEmpty();
        Failures(good with { Figures = Tried with { Kills = 2 } }).ShouldHaveSingleItem().ShouldContain("killed 2 times only");
        Failures(good with { Figures = Tried with { Cuts = 0 } }).ShouldHaveSingleItem().ShouldBe("the stream was never cut");
        Failures(good with { Figures = Tried with { Losses = 0 } }).ShouldHaveSingleItem().ShouldBe("no replay id was lost");
        Failures(good with { Evidence = good.Evidence with { Copy = CopyState.None with { Torn = 3 } } }).ShouldHaveSingleItem()
            .ShouldBe("1 transactions were not applied whole, and no lost replay id is the cause");
        Failures(good with { Unsettled = "it waits" }).ShouldHaveSingleItem().ShouldBe("it waits");
        Failures(good with { Evidence = good.Evidence with { Quarantined = 1 } }).ShouldHaveSingleItem().ShouldBe("1 events are in quarantine");
        Failures(good with { Evidence = good.Evidence with { Gaps = [] } }).ShouldHaveSingleItem().ShouldBe("a replay id was lost, and no coverage gap tells of it");
        Failures(good with { Evidence = good.Evidence with { Stored = 6 } }).ShouldHaveSingleItem().ShouldBe("5 events were committed, but 6 are stored");
        Failures(good with { Evidence = good.Evidence with { Comparison = good.Evidence.Comparison with { Records = 0 } } }).ShouldHaveSingleItem().ShouldBe("nothing was compared");
        Failures(good with { Evidence = good.Evidence with { Calls = new Dictionary<string, long> { ["repair"] = 9 } } }).ShouldHaveSingleItem()
            .ShouldBe("the org counted 10 calls, but only 9 were booked");
        Failures(good with { State = State(OrgAct.Overflow) }).ShouldHaveSingleItem().ShouldBe("there was no overflow");
        Failures(good with { State = State(OrgAct.Prefilled) }).ShouldHaveSingleItem().ShouldBe("0 records were there before, 100 are wanted");
    }

    private static IReadOnlyList<string> Failures(DemoOutcome outcome) => DemoVerdict.Failures(Order, outcome);

    private static async Task<IReadOnlyList<string>> FailuresAsync(CopiedOrg copied, Truth truth)
    {
        var evidence = await DemoEvidence.ReadAsync(truth, copied.Source, copied.Database, copied.Options.Name, CancellationToken.None);
        var calls = new Dictionary<string, long> { ["repair"] = 10 };
        return Failures(Outcome(truth, evidence with { Gaps = Closed, Calls = calls }));
    }

    private static DemoOutcome Outcome(Truth truth, DemoEvidence evidence) => new(truth, State(null), Tried, evidence, Unsettled: null, TornOtherwise: 1);

    private static DemoEvidence Evidence(ComparisonResult comparison, long stored) =>
        new(comparison, CopyState.None, stored, Quarantined: 0, Closed, [], new Dictionary<string, long> { ["repair"] = 10 });

    /// <summary>Of an org that did everything a hundred times but one thing, and counted ten calls.</summary>
    private static SimulatorState State(OrgAct? missing) =>
        new(0, 0, "", TokenCalls: 1, RestCalls: 9, 0, 0, 0, 0, 0, 0, 0, new Dictionary<FaultKind, long>(), new(false, false, 0, null, new Dictionary<string, long>(), null))
        {
            Acts = Enum.GetValues<OrgAct>().Where(act => act != missing).ToDictionary(act => act, _ => 100L),
        };
}
