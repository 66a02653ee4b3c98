using SalesforceSync.Receive;

namespace SalesforceSync.Tests.Receive;

public class PauseAlarmTests
{
    private static readonly DateTimeOffset Heard = DateTimeOffset.UnixEpoch.AddYears(56);

    [Fact]
    public void It_is_said_once_when_a_day_is_left_and_once_when_six_hours_are()
    {
        var alarm = new PauseAlarm();
        double[] hours = [0, 47.9, 48, 48.5, 60, 65.9, 66, 66.1, 71, 73, 200];
        hours.Where(h => alarm.Due(Heard, Heard.AddHours(h)) == Heard.AddHours(72)).ShouldBe([48, 66]);
    }

    [Fact]
    public void A_worker_that_starts_when_it_is_late_says_it_once()
    {
        var alarm = new PauseAlarm();
        alarm.IsNear.ShouldBeFalse();
        alarm.Due(Heard, Heard.AddHours(70)).ShouldBe(Heard.AddHours(72));
        alarm.Due(Heard, Heard.AddHours(70.1)).ShouldBeNull();
        alarm.IsNear.ShouldBeTrue();
    }

    [Fact]
    public void Where_nothing_was_ever_heard_there_is_nothing_to_lose() => new PauseAlarm().Due(null, Heard).ShouldBeNull();
}
