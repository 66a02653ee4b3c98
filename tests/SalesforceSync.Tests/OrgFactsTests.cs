namespace SalesforceSync.Tests;

public class OrgFactsTests
{
    [Fact]
    public void Nothing_to_do_is_streaming() => Draw(OrgFacts.None).ShouldBe(OrgState.Streaming);

    [Fact]
    public void What_is_not_applied_yet_is_caught_up_with() => Draw(OrgFacts.None with { HasRepairs = true }, isCurrent: false).ShouldBe(OrgState.CatchingUp);

    [Fact]
    public void Open_repairs_are_work() => Draw(OrgFacts.None with { HasRepairs = true }).ShouldBe(OrgState.Repairing);

    [Fact]
    public void A_gap_that_is_being_closed_is_work() => Draw(OrgFacts.None with { Gaps = 2, GapsInWork = 2 }, isCurrent: false).ShouldBe(OrgState.Repairing);

    [Fact]
    public void A_gap_nobody_closes_calls_for_a_person() => Draw(OrgFacts.None with { Gaps = 2, GapsInWork = 1 }).ShouldBe(OrgState.Degraded);

    [Fact]
    public void The_first_snapshot_has_a_state_of_its_own() => Draw(OrgFacts.None with { FirstSnapshots = 1, HasRepairs = true }, isCurrent: false).ShouldBe(OrgState.Snapshotting);

    [Fact]
    public void Frozen_paused_and_failed_call_for_a_person()
    {
        Draw(OrgFacts.None with { Frozen = ["Account is frozen: not visible: Phone"], FirstSnapshots = 1 }).ShouldBe(OrgState.Degraded);
        Draw(OrgFacts.None with { Paused = ["Account is paused"] }).ShouldBe(OrgState.Degraded);
        Draw(OrgFacts.None with { Failed = 1 }).ShouldBe(OrgState.Degraded);
    }

    [Fact]
    public void A_halted_channel_is_worse_than_anything() =>
        OrgFacts.None.Draw(["/data/A: halted"], [], isPastDeadline: false, isCurrent: true).State.ShouldBe(OrgState.Failed);

    [Fact]
    public void A_silent_stream_is_degraded() => OrgFacts.None.Draw([], ["/data/A: silent"], isPastDeadline: true, isCurrent: false).State.ShouldBe(OrgState.Degraded);

    private static OrgState Draw(OrgFacts facts, bool isCurrent = true) => facts.Draw([], [], isPastDeadline: false, isCurrent).State;
}
