using SalesforceSync.Tests.Simulator;

namespace SalesforceSync.Tests;

public class OrgProgressTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void A_pipeline_that_begins_anew_again_and_again_is_silent_all_the_while()
    {
        var org = new OrgProgress("acme", _clock);
        for (var i = 0; i < 20; i++)
        {
            org.Add("/data/ChangeEvents", TimeSpan.FromMinutes(5));
            _clock.Advance(TimeSpan.FromSeconds(20));
        }
        org.Channels.ShouldHaveSingleItem().IsPastDeadline.ShouldBeTrue();
        org.Channels[0].Receive.Heard(1);
        org.Channels[0].IsPastDeadline.ShouldBeFalse();
        org.Add("/data/ChangeEvents", TimeSpan.FromMinutes(5)).Receive.Received.ShouldBe(0);
    }

    [Fact]
    public void What_was_not_watched_meanwhile_begins_anew()
    {
        var org = new OrgProgress("acme", _clock);
        org.Add("/data/ChangeEvents", TimeSpan.FromMinutes(5));
        org.Forget();
        _clock.Advance(TimeSpan.FromHours(1));
        org.Add("/data/ChangeEvents", TimeSpan.FromMinutes(5)).IsPastDeadline.ShouldBeFalse();
    }
}
