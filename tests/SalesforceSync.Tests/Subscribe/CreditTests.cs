using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Subscribe;

public class CreditTests
{
    [Fact]
    public void Request_still_on_its_way_explains_a_lower_count_of_the_server()
    {
        var credit = new Credit();
        credit.Ask(1_000).ShouldBe(100);
        credit.Delivered(60, 40);
        credit.Ask(1_000).ShouldBe(60);
        // Sent before those 60 were read over there.
        credit.Delivered(10, 30);
        credit.Outstanding.ShouldBe(90);
        credit.Delivered(10, 80);
        credit.Outstanding.ShouldBe(80);
    }

    [Fact]
    public void Server_that_owes_less_than_we_think_is_right()
    {
        var credit = new Credit();
        credit.Ask(100);
        credit.Delivered(1, 99);
        credit.Delivered(1, 0);
        credit.Outstanding.ShouldBe(0);
        credit.Ask(100).ShouldBe(100);
    }

    [Fact]
    public void Server_that_owes_more_than_we_think_is_right_up_to_a_hundred()
    {
        var credit = new Credit();
        credit.Ask(30);
        credit.Delivered(10, 25);
        credit.Outstanding.ShouldBe(25);
        credit.Delivered(0, 5_000);
        credit.Outstanding.ShouldBe(100);
        credit.Ask(1_000).ShouldBe(0);
    }

    [Fact]
    public void Count_never_falls_below_nothing()
    {
        var credit = new Credit();
        credit.Ask(5);
        credit.Delivered(9, -4);
        credit.Outstanding.ShouldBe(0);
    }

    [Fact]
    public void With_any_delay_on_the_way_the_count_is_exact_and_the_server_never_owes_more_than_a_hundred()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var credit = new Credit();
            var (there, back) = (new Queue<int>(), new Queue<(int Events, int Pending)>());
            var (owed, answeredAndUnread) = (0, 0);
            for (var step = 0; step < 400; step++)
            {
                switch (random.Next(4))
                {
                    case 0 when credit.Ask(random.Next(130)) is > 0 and var asked:
                        there.Enqueue(asked);
                        break;
                    case 1 when there.TryDequeue(out var read):
                        owed += read;
                        owed.ShouldBeLessThanOrEqualTo(Credit.Most, $"seed {seed}");
                        break;
                    case 2 when owed > 0:
                        var events = random.Next(owed + 1);
                        owed -= events;
                        answeredAndUnread += events;
                        back.Enqueue((events, owed));
                        break;
                    case 3 when back.TryDequeue(out var response):
                        answeredAndUnread -= response.Events;
                        credit.Delivered(response.Events, response.Pending);
                        break;
                }
                credit.Outstanding.ShouldBe(owed + there.Sum() + answeredAndUnread, $"seed {seed}, step {step}");
            }
        }
    }

    [Fact]
    public void Credit_is_on_its_way_while_the_server_may_know_of_none_of_it()
    {
        var credit = new Credit();
        credit.Ask(100);
        credit.IsOnItsWay.ShouldBeTrue();
        credit.Delivered(60, 40);
        credit.Ask(100);
        credit.IsOnItsWay.ShouldBeFalse();
        credit.Delivered(40, 0);
        credit.IsOnItsWay.ShouldBeTrue();
        credit.Delivered(1, 59);
        credit.IsOnItsWay.ShouldBeFalse();
    }

    [Fact]
    public void Who_waits_for_credit_is_woken_by_asking()
    {
        var credit = new Credit();
        var granted = credit.Granted();
        granted.IsCompleted.ShouldBeFalse();
        credit.Ask(1);
        granted.IsCompleted.ShouldBeTrue();
        credit.Granted().IsCompleted.ShouldBeTrue();
    }
}
