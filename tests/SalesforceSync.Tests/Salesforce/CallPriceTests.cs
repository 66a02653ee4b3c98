using SalesforceSync.Salesforce;

namespace SalesforceSync.Tests.Salesforce;

public class CallPriceTests
{
    [Fact]
    public void A_million_rows_cost_at_most_thirty_calls() => CallPrice.Snapshot(1_000_000).ShouldBe(1 + 1 + 5 + 10);

    [Fact]
    public void A_hundred_thousand_ids_cost_at_most_sixty_calls() => CallPrice.Repair(100_000).ShouldBe(50);

    [Fact]
    public void Five_quiet_objects_are_swept_with_ten_calls() => (5 * CallPrice.Sweep(20_000)).ShouldBe(10);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2_000, 1)]
    [InlineData(2_001, 2)]
    public void A_page_begun_is_a_call(long ids, int calls) => CallPrice.Repair(ids).ShouldBe(calls);
}
