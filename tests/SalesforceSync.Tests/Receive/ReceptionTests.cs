using Eventbus.V1;
using SalesforceSync.Receive;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Receive;

public sealed class ReceptionTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);

    private readonly Reception _reception = new(new EventNumbers(0), "/data/ChangeEvents");
    private readonly List<StoredEvent> _stored = [];

    [Fact]
    public void A_first_call_begins_where_the_configuration_says_and_a_later_one_at_the_position()
    {
        _reception.StartCall(Now, beginsEarliest: true).Preset.ShouldBe(ReplayPreset.Earliest);
        _reception.StartCall(Now, beginsEarliest: false).Preset.ShouldBe(ReplayPreset.Latest);
        Take(1);
        // After the only id there is no more than its siblings can be missing; LATEST would skip what came meanwhile.
        _reception.StartCall(Now, beginsEarliest: false).ShouldBe(SubscriptionStart.After(Id(1)));
        Take(2);
        _reception.StartCall(Now, beginsEarliest: true).ShouldBe(SubscriptionStart.After(Id(1)));
    }

    [Fact]
    public void What_is_kept_comes_again_from_its_beginning_while_there_is_no_position_to_resume_from()
    {
        Take(1);
        _reception.StartCall(Now, beginsEarliest: true).Preset.ShouldBe(ReplayPreset.Earliest);
        Take(1, 2).ShouldBe([2]);
        Numbers().ShouldBe([1, 2]);
    }

    [Fact]
    public void What_is_kept_does_not_begin_with_what_is_stored_any_more_so_something_was_forgotten()
    {
        Take(1);
        _reception.StartCall(Now, beginsEarliest: true);
        Should.Throw<PositionLostException>(() => Take(3)).Reason.ShouldContain("forgotten");
        // Nothing was taken: after the loss it is new.
        _reception.Lose(skips: false, Known(), Last(1), Now);
        _reception.StartCall(Now, beginsEarliest: true).Preset.ShouldBe(ReplayPreset.Earliest);
        Take(3);
        Hear();
        Numbers().ShouldBe([1, 3]);
    }

    [Fact]
    public void That_nothing_is_kept_any_more_is_a_loss_too()
    {
        Take(1);
        _reception.StartCall(Now, beginsEarliest: true);
        Should.Throw<PositionLostException>(Hear);
    }

    [Fact]
    public void Events_from_before_the_copy_began_are_passed_over_when_what_is_kept_comes_again()
    {
        _reception.StartCall(Now, beginsEarliest: false);
        Take(5, 6);
        _reception.Lose(skips: false, Known(), Last(6), Now);
        for (var call = 0; call < 2; call++)
        {
            _reception.StartCall(Now, beginsEarliest: false);
            // Two at a time: it shows only with 6 that 3 and 4 are older.
            Take(3, 4).ShouldBeEmpty();
            Take(5, 6, 7).ShouldBe(call == 0 ? [7] : []);
            Numbers().ShouldBe([5, 6, 7]);
        }
    }

    [Fact]
    public void Where_what_was_stored_is_kept_no_more_all_that_comes_is_new()
    {
        Take(5, 6);
        _reception.Lose(skips: false, Known(), Last(6), Now);
        _reception.StartCall(Now, beginsEarliest: false);
        Take(8).ShouldBeEmpty("it may be older than 6");
        Hear();
        Numbers().ShouldBe([5, 6, 8]);
    }

    [Fact]
    public void What_is_held_until_its_side_is_known_is_new_for_the_next_call()
    {
        Take(5, 6);
        _reception.Lose(skips: false, Known(), Last(6), Now);
        _reception.StartCall(Now, beginsEarliest: false);
        Take(8).ShouldBeEmpty();
        _reception.StartCall(Now, beginsEarliest: false);
        Take(8).ShouldBeEmpty();
        Hear();
        Numbers().ShouldBe([5, 6, 8]);
    }

    [Fact]
    public void Siblings_that_share_both_ids_and_were_cut_apart_by_the_loss_are_told_apart_by_their_place()
    {
        Siblings("a").ShouldBe(["a"]);
        _reception.Lose(skips: false, Known(), Last(5), Now);
        _reception.StartCall(Now, beginsEarliest: true);
        Siblings("a", "b", "c").ShouldBe(["b", "c"]);
        _reception.StartCall(Now, beginsEarliest: true);
        Siblings("a", "b", "c").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(-1_801, false)] // older than anything that was stored can be
    [InlineData(6, true)] // younger: what was stored is kept no more
    public void An_event_whose_commit_tells_its_side_is_not_held(int seconds, bool isNew)
    {
        Take(5, 6);
        _reception.Lose(skips: false, Known(), Last(6), Now);
        _reception.StartCall(Now, beginsEarliest: false);
        Take([8], Now.AddSeconds(seconds)).ShouldBe(isNew ? [8] : []);
        Hear();
        Numbers().ShouldBe(isNew ? [5, 6, 8] : [5, 6]);
    }

    private List<int> Take(params int[] events) => Take(events, Now);

    private List<int> Take(int[] events, DateTimeOffset commitAt)
    {
        var raw = events.Select(e => new RawEvent($"e{e}", "s", Id(e), new byte[] { (byte)e })).ToList();
        return Store(new StreamItem.Events(raw, Id(events[^1]), "r", TimeSpan.Zero), new(events.Select(_ => (DateTimeOffset?)commitAt)));
    }

    private IEnumerable<string> Siblings(params string[] records)
    {
        var raw = records.Select(record => new RawEvent("e5", "s", Id(5), System.Text.Encoding.UTF8.GetBytes(record))).ToList();
        var before = _stored.Count;
        Store(new StreamItem.Events(raw, Id(5), "r", TimeSpan.Zero), new(records.Select(_ => (DateTimeOffset?)Now)));
        return _stored.Skip(before).Select(e => System.Text.Encoding.UTF8.GetString(e.Payload.Span));
    }

    private void Hear() => Store(new StreamItem.Keepalive(Id(100), "r", TimeSpan.Zero), new());

    private List<int> Store(StreamItem item, Queue<DateTimeOffset?> committed)
    {
        var taken = _reception.Take([item], committed, Now);
        _stored.AddRange(taken.Events);
        _reception.Stored(taken);
        return [.. taken.Events.Select(Number)];
    }

    private IEnumerable<int> Numbers() => _stored.Select(Number);

    private Dictionary<string, int> Known() => _stored.GroupBy(e => e.EventId).ToDictionary(e => e.Key, e => e.Count());

    private static Reception.LastStored Last(int number) => new($"e{number}", Now, IsSinceLoss: false);

    private static int Number(StoredEvent stored) => stored.Payload.Span[0];

    private static ReplayId Id(int id) => new([0, (byte)id]);
}
