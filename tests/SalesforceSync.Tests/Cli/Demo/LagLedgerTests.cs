using SalesforceSync.Cli.Demo;

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
        ledger.Commits([new("a", 8_000), new("b", 9_500), new("c", 10_100), new("d", 12_000), new("e", 13_000), new("f", 14_000)]);
        ledger.SeenApplied("a", 8_010);
        ledger.Disturbed(10_000);
        ledger.SeenApplied("d", 13_100);
        ledger.Undisturbed().ShouldBe(new LagFigures(1, 10, 10, 10), "it has not recovered");
        ledger.SeenApplied("e", 13_900);
        ledger.SeenApplied("f", 15_500);
        ledger.All().ShouldBe(new LagFigures(6, 1_100, 3_600, 3_600));
        // e is the first that came in time again; f is slow for no reason of ours and counts.
        ledger.Undisturbed().ShouldBe(new LagFigures(3, 900, 1_500, 1_500));
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

    [Fact]
    public void A_position_whose_commit_was_forgotten_before_it_was_asked_for_holds_nothing_up()
    {
        var ledger = new LagLedger();
        ledger.Commits([new("a", 1)]);
        ledger.SeenApplied("forgotten", 5);
        ledger.SeenApplied("c", 9);
        ledger.Applied.ShouldBe(0);
        ledger.Commits([new("c", 3)]);
        ledger.Applied.ShouldBe(2);
    }
}
