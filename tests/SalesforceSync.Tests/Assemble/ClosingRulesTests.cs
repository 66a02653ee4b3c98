using SalesforceSync.Assemble;

namespace SalesforceSync.Tests.Assemble;

public class ClosingRulesTests
{
    private static readonly TimeSpan Setting = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(null, 50)]
    [InlineData(10, 50)]
    [InlineData(80, 240)]
    [InlineData(60_000, 2_000)]
    public void The_quiet_period_is_the_setting_or_three_round_trips_within_reason(int? roundTrip, int expected) =>
        ClosingRules.QuietPeriod(Setting, roundTrip is { } ms ? TimeSpan.FromMilliseconds(ms) : null, Settled).ShouldBe(TimeSpan.FromMilliseconds(expected));

    [Fact]
    public void A_call_that_has_just_begun_to_speak_is_not_cut_short()
    {
        ClosingRules.QuietPeriod(Setting, TimeSpan.Zero, TimeSpan.Zero).ShouldBe(TimeSpan.FromMilliseconds(500));
        ClosingRules.QuietPeriod(TimeSpan.FromSeconds(1), TimeSpan.Zero, TimeSpan.Zero).ShouldBe(TimeSpan.FromSeconds(1));
        ClosingRules.QuietPeriod(Setting, TimeSpan.Zero, Settled).ShouldBe(Setting);
    }

    [Fact]
    public void Every_quiet_period_that_can_be_in_force_is_followed_by_a_look()
    {
        foreach (var setting in new[] { 1, 50, 400, 5_000 }.Select(ms => TimeSpan.FromMilliseconds(ms)))
        {
            var looks = ClosingRules.Silences(setting);
            foreach (var roundTrip in new[] { 0, 30, 400, 9_000 }.Select(ms => TimeSpan.FromMilliseconds(ms)))
                looks.Max().ShouldBeGreaterThanOrEqualTo(ClosingRules.QuietPeriod(setting, roundTrip, TimeSpan.Zero));
        }
    }
}
