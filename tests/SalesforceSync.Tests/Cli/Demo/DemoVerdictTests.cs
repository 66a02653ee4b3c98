using SalesforceSync.Cli.Demo;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Cli.Demo;

public class DemoVerdictTests
{
    private static readonly DemoFigures Tried = DemoFigures.None with { Kills = 3, Cuts = 1 };

    [PostgresFact]
    public async Task Whatever_is_altered_in_the_copy_fails_the_demo()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        copied.Start();
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = 3 });
        for (var i = 0; i < 1_000; i++)
            workload.Next();
        await copied.CaughtUpAsync();
        var truth = copied.Simulated.Org.Truth();
        truth.Records.ShouldContain(record => record.Dirty, "the workload is to have gap events");
        (await FailuresAsync(copied, truth)).ShouldBeEmpty();

        const string One = "(select min(id) from acme.lead where not _sync_incomplete and id not in (select record_id from salesforce_sync.repair where record_id is not null))";
        await AlterAsync(copied, $"update acme.lead set company = company || '.' where id = {One}");
        (await FailuresAsync(copied, truth)).ShouldHaveSingleItem().ShouldBe("1 differences between the org and its copy");
        await AlterAsync(copied, $"delete from acme.lead where id = {One}");
        (await FailuresAsync(copied, truth)).ShouldHaveSingleItem().ShouldBe("1 differences between the org and its copy");
        await AlterAsync(copied, "delete from salesforce_sync.event where event = (select min(event) from salesforce_sync.event)");
        (await FailuresAsync(copied, truth)).ShouldContain($"{truth.Events} events were committed, but {truth.Events - 1} are stored");
        await AlterAsync(copied, "update salesforce_sync.org set torn = 2");
        (await FailuresAsync(copied, truth)).ShouldContain("2 transactions were not applied whole");
        await AlterAsync(copied, "delete from salesforce_sync.repair");
        (await FailuresAsync(copied, truth)).ShouldContain(failure => failure.EndsWith("records that only a repair can make right are not recorded in salesforce_sync.repair"));
        (await copied.StopAsync()).ShouldBe(0);
    }

    [Fact]
    public void A_demo_that_was_not_tried_hard_enough_fails()
    {
        var truth = new Truth(1, 5, new Dictionary<string, IReadOnlyList<TruthField>>(), []);
        var equal = new DemoEvidence(new ComparisonResult(1, 10, 100, 0, [], 0, 0), Stored: 5, Torn: 0, Quarantined: 0, Unrecorded: 0);
        DemoVerdict.Failures(truth, Tried, equal).ShouldBeEmpty();
        DemoVerdict.Failures(truth, Tried with { Kills = 2 }, equal).ShouldHaveSingleItem().ShouldContain("killed 2 times only");
        DemoVerdict.Failures(truth, Tried with { Cuts = 0 }, equal).ShouldHaveSingleItem().ShouldBe("the stream was never cut");
        DemoVerdict.Failures(truth, Tried, equal with { Quarantined = 1 }).ShouldHaveSingleItem().ShouldBe("1 events are in quarantine");
        DemoVerdict.Failures(truth, Tried, equal with { Comparison = equal.Comparison with { Records = 0 } }).ShouldHaveSingleItem().ShouldBe("nothing was compared");
    }

    private static async Task<IReadOnlyList<string>> FailuresAsync(CopiedOrg copied, Truth truth) =>
        DemoVerdict.Failures(truth, Tried, await DemoEvidence.ReadAsync(truth, copied.Database, copied.Options.Name, CancellationToken.None));

    private static async Task AlterAsync(CopiedOrg copied, string sql)
    {
        await using var command = copied.Source.CreateCommand(sql);
        (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
    }
}
