using SalesforceSync.Cli.Demo;
using SalesforceSync.Simulator.Control;

namespace SalesforceSync.Tests.Cli.Demo;

public class LagLedgerTests
{
    [Fact]
    public void Every_commit_up_to_the_position_counts_from_its_own_stamp()
    {
        var ledger = new LagLedger();
        ledger.Commits([new("a", 1_000), new("b", 1_010), new("c", 1_020)]);
        ledger.SeenApplied("b", 1_050);
        (ledger.Committed, ledger.Applied).ShouldBe((3, 2));
        ledger.All().ShouldBe(new LagFigures(2, 40, 50, 50));
    }

    [Fact]
    public void A_position_seen_before_its_commit_is_known_counts_from_when_it_was_seen()
    {
        var ledger = new LagLedger();
        ledger.SeenApplied("a", 1_005);
        ledger.Applied.ShouldBe(0);
        ledger.Commits([new("a", 1_000)]);
        ledger.All().Max.ShouldBe(5);
    }

    [Fact]
    public void What_is_told_or_seen_twice_counts_once()
    {
        var ledger = new LagLedger();
        ledger.Commits([new("a", 1_000), new("b", 1_000)]);
        ledger.Commits([new("b", 1_000), new("c", 1_000)]);
        ledger.SeenApplied("b", 1_010);
        ledger.SeenApplied("b", 2_000);
        ledger.SeenApplied("a", 3_000);
        (ledger.Committed, ledger.Newest).ShouldBe((3, "c"));
        ledger.All().ShouldBe(new LagFigures(2, 10, 10, 10));
    }

    [Fact]
    public void Undisturbed_figures_leave_out_what_was_committed_around_a_disturbance()
    {
        var ledger = new LagLedger();
        CommitStamp[] stamps = [new("a", 1_000), new("b", 9_500), new("c", 10_000), new("d", 15_000), new("e", 15_001)];
        ledger.Commits(stamps);
        ledger.Disturbed(10_000);
        foreach (var stamp in stamps)
            ledger.SeenApplied(stamp.ReplayId, stamp.At + (stamp.ReplayId is "a" or "e" ? 10 : 4_000));
        ledger.All().ShouldBe(new LagFigures(5, 4_000, 4_000, 4_000));
        ledger.Undisturbed().ShouldBe(new LagFigures(2, 10, 10, 10));
    }

    [Fact]
    public void Percentiles_are_measured_values_of_the_nearest_rank()
    {
        LagFigures.Of([.. Enumerable.Range(1, 200).Select(i => (double)i)]).ShouldBe(new LagFigures(200, 100, 198, 200));
        LagFigures.Of([7]).ShouldBe(new LagFigures(1, 7, 7, 7));
        LagFigures.Of([]).ShouldBe(new LagFigures(0, null, null, null));
    }

    [Fact]
    public void Received_is_never_behind_applied()
    {
        var ledger = new LagLedger();
        ledger.Commits([new("a", 1), new("b", 2), new("c", 3)]);
        ledger.SeenReceived("b");
        (ledger.Received, ledger.Applied).ShouldBe((2, 0));
        ledger.SeenApplied("c", 4);
        ledger.Received.ShouldBe(3);
    }
}
