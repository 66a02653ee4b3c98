using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Store;

public class RecentRunsTests
{
    private readonly RecentRuns _runs = new();

    [Fact]
    public void Siblings_that_share_a_replay_id_are_all_new()
    {
        IsNew(1, "a").ShouldBeTrue();
        IsNew(1, "b").ShouldBeTrue();
        IsNew(2, "c").ShouldBeTrue();
    }

    [Fact]
    public void A_resumed_call_that_starts_inside_what_is_stored_gives_only_what_is_missing()
    {
        IsNew(1, "a");
        IsNew(2, "b");
        IsNew(2, "c");
        _runs.StartCall();
        IsNew(2, "b").ShouldBeFalse();
        IsNew(2, "c").ShouldBeFalse();
        IsNew(2, "d").ShouldBeTrue();
        IsNew(3, "e").ShouldBeTrue();
    }

    [Fact]
    public void A_redelivered_event_is_known_by_its_place_even_when_its_enrichment_differs()
    {
        IsNew(1, "a", 1);
        IsNew(2, "b", 1);
        _runs.StartCall();
        IsNew(1, "a", 9).ShouldBeFalse();
        IsNew(2, "b", 9).ShouldBeFalse();
    }

    [Fact]
    public void A_batch_sent_twice_in_one_call_is_stored_once()
    {
        IsNew(1, "a");
        IsNew(2, "b");
        IsNew(1, "a").ShouldBeFalse();
        IsNew(2, "b").ShouldBeFalse();
        IsNew(3, "c").ShouldBeTrue();
        IsNew(3, "c").ShouldBeFalse();
    }

    [Fact]
    public void What_lay_in_the_table_before_the_start_is_known()
    {
        _runs.Remember(Id(1), RecentRuns.Identity("a", [0]));
        _runs.StartCall();
        IsNew(1, "a").ShouldBeFalse();
        IsNew(1, "b").ShouldBeTrue();
    }

    private bool IsNew(byte id, string eventId, byte content = 0)
    {
        var raw = new RawEvent(eventId, "s", Id(id), new byte[] { content });
        var isNew = _runs.IsNew(raw);
        if (isNew)
            _runs.Remember(raw.ReplayId, RecentRuns.Identity(raw.EventId, raw.Payload.Span));
        return isNew;
    }

    private static ReplayId Id(byte id) => new([0, id]);
}
