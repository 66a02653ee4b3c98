using SalesforceSync.Receive;

namespace SalesforceSync.Tests.Receive;

public class RetentionAlarmTests
{
    private static readonly DateTimeOffset Heard = DateTimeOffset.UnixEpoch.AddYears(56);

    [Fact]
    public void It_is_said_once_when_a_day_is_left_and_then_hourly()
    {
        var alarm = new RetentionAlarm();
        var lostAt = Heard.AddHours(72);
        alarm.Due(Heard, Heard.AddHours(47.9)).ShouldBeNull();
        alarm.Due(Heard, Heard.AddHours(48)).ShouldBe(lostAt);
        alarm.Due(Heard, Heard.AddHours(48.25)).ShouldBeNull();
        alarm.Due(Heard, Heard.AddHours(49)).ShouldBe(lostAt);
        alarm.Due(Heard, Heard.AddHours(49.5)).ShouldBeNull();
        alarm.Due(Heard, Heard.AddHours(73)).ShouldBe(lostAt);
    }

    [Fact]
    public void A_stream_that_spoke_again_begins_anew()
    {
        var alarm = new RetentionAlarm();
        alarm.Due(Heard, Heard.AddHours(48)).ShouldNotBeNull();
        alarm.Due(Heard.AddHours(48.5), Heard.AddHours(49)).ShouldBeNull();
        alarm.Due(Heard.AddHours(1), Heard.AddHours(49)).ShouldNotBeNull();
    }

    [Fact]
    public void Where_nothing_was_ever_heard_there_is_nothing_to_lose() => new RetentionAlarm().Due(null, Heard).ShouldBeNull();
}
