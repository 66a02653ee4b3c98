using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Store;

public class ReceivedPositionTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);

    [Fact]
    public void The_last_id_is_resumed_from_only_when_another_has_followed_it()
    {
        var position = ReceivedPosition.Nothing.After(Event(1, 1), null);
        position.ResumeAt(Now).IsEmpty.ShouldBeTrue();
        position = position.After(Event(2, 1), null);
        position.ResumeAt(Now).IsEmpty.ShouldBeTrue();
        position = position.After(Event(3, 2), null);
        position.ResumeAt(Now).ShouldBe(Id(1));
        position.Event.ShouldBe(3);
    }

    [Fact]
    public void An_empty_response_makes_the_last_id_safe_and_closes_what_came()
    {
        var position = ReceivedPosition.Nothing.After(Event(1, 1), null).AfterKeepalive(Id(9));
        position.ResumeAt(Now).ShouldBe(Id(1));
        position.ClosedEvent.ShouldBe(1);
    }

    [Fact]
    public void A_lost_position_remembers_where_it_cut_something_that_was_open()
    {
        var position = ReceivedPosition.Nothing.After(Event(1, 1), null).After(Event(2, 2), null).AfterLoss();
        position.ResumeAt(Now).IsEmpty.ShouldBeTrue();
        (position.Event, position.ClosedEvent).ShouldBe((2, 2));
        position.Cuts.ShouldBe([2]);
        // Nothing came since, so nothing was open.
        position.AfterLoss().Cuts.ShouldBe([2]);
        position.After(Event(3, 3), null).AfterKeepalive(Id(9)).AfterLoss().Cuts.ShouldBe([2]);
        position.After(Event(3, 3), null).AfterLoss().Cuts.ShouldBe([2, 3]);
    }

    [Fact]
    public void The_id_of_an_empty_response_is_used_when_the_last_events_id_grows_old()
    {
        var position = ReceivedPosition.Nothing.After(Event(1, 1), null).AfterKeepalive(Id(9));
        position.ResumeAt(Now + TimeSpan.FromHours(47)).ShouldBe(Id(1));
        position.ResumeAt(Now + TimeSpan.FromHours(49)).ShouldBe(Id(9));
    }

    [Fact]
    public void The_id_of_an_empty_response_is_of_no_use_when_events_have_followed_it()
    {
        var position = ReceivedPosition.Nothing.After(Event(1, 1), null).AfterKeepalive(Id(9)).After(Event(2, 10), null);
        position.ResumeAt(Now + TimeSpan.FromHours(49)).ShouldBe(Id(1));
        position = position.After(Event(3, 11), null);
        position.ResumeAt(Now + TimeSpan.FromHours(49)).ShouldBe(Id(10));
    }

    [Fact]
    public void Before_the_first_event_is_followed_by_another_the_id_of_an_empty_response_tells_where_it_began()
    {
        ReceivedPosition.Nothing.AfterKeepalive(Id(9)).After(Event(1, 10), null).ResumeAt(Now).ShouldBe(Id(9));
    }

    [Fact]
    public void Where_no_event_ever_came_the_id_of_an_empty_response_is_all_there_is()
    {
        ReceivedPosition.Nothing.AfterKeepalive(Id(9)).ResumeAt(Now).ShouldBe(Id(9));
    }

    [Fact]
    public void The_commit_time_is_the_greatest_seen()
    {
        var position = ReceivedPosition.Nothing.After(Event(1, 1), Now).After(Event(2, 2), Now.AddHours(-1)).After(Event(3, 3), null);
        position.CommitAt.ShouldBe(Now);
    }

    private static StoredEvent Event(long number, byte id) => new(number, Id(id), $"e{number}", "s", new byte[1], Now);

    private static ReplayId Id(byte id) => new([0, id]);
}
