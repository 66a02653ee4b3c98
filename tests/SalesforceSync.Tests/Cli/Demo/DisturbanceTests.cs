using SalesforceSync.Cli.Demo;

namespace SalesforceSync.Tests.Cli.Demo;

public class DisturbanceTests
{
    [Theory]
    [InlineData(1, 4, 2)]
    [InlineData(60, 4, 2)]
    [InlineData(600, 40, 20)]
    public void The_plan_kills_often_enough_cuts_between_and_loses_the_replay_id_once_with_hardships_around(double seconds, int kills, int cuts)
    {
        var plan = Disturbance.Plan(TimeSpan.FromSeconds(seconds));
        plan.Count(d => d.Kills).ShouldBe(kills);
        plan.Count(d => d.Kind == DisturbanceKind.Cut).ShouldBe(cuts);
        kills.ShouldBeGreaterThanOrEqualTo(DemoVerdict.KillsAtLeast);
        var lost = plan.Where(d => d.Kind == DisturbanceKind.Lose).ShouldHaveSingleItem().At;
        plan.Where(d => d.Kind == DisturbanceKind.Hardship).Select(d => d.At > lost).ShouldBe([false, true]);
        plan.Select(d => d.At).ShouldBeInOrder();
        plan.ShouldAllBe(d => d.At > TimeSpan.Zero && d.At < TimeSpan.FromSeconds(seconds));
    }
}
