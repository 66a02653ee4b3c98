using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Subscribe;

public class ResubscribeDelayTests
{
    [Fact]
    public void Delay_doubles_to_its_cap_and_only_progress_resets_it()
    {
        var delay = new ResubscribeDelay(new Random(1));
        for (var expected = 0.1; expected < 30; expected *= 2)
            delay.Next().TotalSeconds.ShouldBeInRange(expected / 2, expected);
        for (var i = 0; i < 50; i++)
            delay.Next().TotalSeconds.ShouldBeInRange(15, 30);
        delay.Progress();
        delay.Next().TotalSeconds.ShouldBeInRange(0.05, 0.1);
        delay.Next().TotalSeconds.ShouldBeInRange(0.1, 0.2);
    }

    [Fact]
    public void Many_clients_do_not_come_back_in_one_moment() =>
        Enumerable.Range(0, 20).Select(seed => new ResubscribeDelay(new Random(seed)).Next()).Distinct().Count().ShouldBeGreaterThan(10);
}
