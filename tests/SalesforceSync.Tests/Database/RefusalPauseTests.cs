using SalesforceSync.Database;
using SalesforceSync.Tests.Subscribe;

namespace SalesforceSync.Tests.Database;

public class RefusalPauseTests
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_database_that_goes_on_refusing_is_asked_every_five_minutes_after_ten()
    {
        var time = new SteppedTime();
        var pause = new RefusalPause(time);
        for (var waited = TimeSpan.Zero; waited <= TimeSpan.FromMinutes(10); waited += Usual)
        {
            pause.Next(Usual).ShouldBe(Usual, $"after {waited}");
            time.Advance(Usual);
        }
        pause.Next(Usual).ShouldBe(TimeSpan.FromMinutes(5));
        time.Advance(TimeSpan.FromHours(8));
        pause.Next(Usual).ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void What_is_refused_after_a_while_of_peace_is_asked_often_again()
    {
        var time = new SteppedTime();
        var pause = new RefusalPause(time);
        pause.Next(Usual);
        time.Advance(TimeSpan.FromMinutes(11));
        pause.Next(Usual).ShouldBe(TimeSpan.FromMinutes(5));
        pause.Lifted();
        pause.Next(Usual).ShouldBe(Usual);
    }
}
