using SalesforceSync.Sweep;

namespace SalesforceSync.Tests.Sweep;

public class SweepPlanTests
{
    private static readonly string[] Fifty = [.. Enumerable.Range(0, 50).Select(i => $"Field{i}__c")];

    [Theory]
    [InlineData(0, true, 1)]
    [InlineData(2_000, true, 1)]
    [InlineData(2_001, true, 2)]
    [InlineData(4_000, true, 2)]
    [InlineData(4_001, false, 2)]
    [InlineData(100_000, false, 2)]
    [InlineData(1_000_000, false, 11)]
    public void The_cheaper_way_is_taken(long rows, bool byRest, int price)
    {
        var plan = SweepPlan.Of(rows, Fifty, false, 8_000, 0);
        (plan.ByRest, plan.Price).ShouldBe((byRest, price));
    }

    [Fact]
    public void An_object_nobody_has_counted_is_read_in_bulk() => SweepPlan.Of(null, Fifty, false, 8_000, 0).ByRest.ShouldBeFalse();

    [Fact]
    public void What_bulk_refuses_is_read_by_rest_at_its_price() => SweepPlan.Of(100_000, Fifty, true, 8_000, 0).ShouldSatisfyAllConditions(
        plan => plan.ByRest.ShouldBeTrue(), plan => plan.Price.ShouldBe(50));

    [Theory]
    [InlineData(100)]
    [InlineData(4_000)]
    [InlineData(20_000)]
    [InlineData(50_000_000)]
    public void Every_field_is_looked_at_within_a_week(long rows)
    {
        var seen = Enumerable.Range(100, 7).SelectMany(turn => SweepPlan.Of(rows, Fifty, false, 8_000, turn).Fields);
        seen.Distinct().Count().ShouldBe(50);
    }

    [Fact]
    public void A_small_object_is_looked_at_whole_each_time() => SweepPlan.Of(300, Fifty, false, 8_000, 3).Fields.ShouldBe(Fifty);

    [Fact]
    public void A_url_is_never_longer_than_it_may_be() => SweepPlan.Of(1, Fifty, false, 100, 0).Fields.Sum(f => f.Length + 3).ShouldBeLessThanOrEqualTo(100);
}
