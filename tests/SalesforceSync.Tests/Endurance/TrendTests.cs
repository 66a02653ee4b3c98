namespace SalesforceSync.Tests.Endurance;

public sealed class TrendTests
{
    [Fact]
    public void A_line_has_its_slope_and_no_doubt()
    {
        var trend = Trend.Of([.. Enumerable.Range(0, 100).Select(i => ((double)i, 7 + 0.25 * i))]);
        trend.Slope.ShouldBe(0.25, 1e-9);
        trend.HalfWidth.ShouldBe(0, 1e-9);
        (trend.Exceeds(0.2), trend.Exceeds(0.3)).ShouldBe((true, false));
    }

    /// <summary>Of lines through noise about one in twenty misses the truth.</summary>
    [Fact]
    public void The_interval_holds_the_truth_as_often_as_it_says()
    {
        var random = new Random(5);
        var held = Enumerable.Range(0, 1_000).Count(_ =>
        {
            var trend = Trend.Of([.. Enumerable.Range(0, 400).Select(i => ((double)i, 0.01 * i + random.NextDouble() + random.NextDouble()))]);
            return Math.Abs(trend.Slope - 0.01) <= trend.HalfWidth;
        });
        held.ShouldBeInRange(920, 980);
    }

    [Fact]
    public void A_few_measurements_tell_nothing() => Should.Throw<ArgumentException>(() => Trend.Of([(1, 1), (2, 2)]));
}
