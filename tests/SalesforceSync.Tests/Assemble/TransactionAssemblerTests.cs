using SalesforceSync.Assemble;
using SalesforceSync.Decode;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Assemble;

public class TransactionAssemblerTests
{
    private readonly RecentTransactions _recent = new();
    private readonly TransactionAssembler _assembler;
    private long _number;

    public TransactionAssemblerTests() => _assembler = new TransactionAssembler(_recent, interleaved: false);

    [Fact]
    public void An_open_transaction_is_not_given_out()
    {
        Add("a");
        _assembler.TakeUnit().ShouldBeNull();
    }

    [Fact]
    public void A_second_key_closes_the_first_transaction_after_a_moment_of_stream_time()
    {
        Add("a");
        Add("b");
        _assembler.TakeUnit().ShouldBeNull();
        Wait(ClosingRules.Linger);
        Keys(_assembler.TakeUnit()).ShouldBe(["a"]);
        _assembler.TakeUnit().ShouldBeNull();
    }

    [Fact]
    public void Under_a_backlog_a_whole_credit_of_other_events_closes_a_transaction()
    {
        Add("a");
        for (var i = 0; i < ClosingRules.LingerEvents - 1; i++)
            Add($"b{i}");
        _assembler.TakeUnit().ShouldBeNull();
        Add("c");
        Keys(_assembler.TakeUnit()).ShouldBe(["a"]);
    }

    [Fact]
    public void An_empty_response_closes_what_came_before_it_only()
    {
        var first = Add("a");
        Add("b");
        _assembler.CloseThrough(first);
        Keys(_assembler.TakeUnit()).ShouldBe(["a"]);
        _assembler.TakeUnit().ShouldBeNull();
    }

    [Fact]
    public void The_quiet_period_closes_the_last_transaction()
    {
        Add("a");
        Wait(TimeSpan.FromMilliseconds(49));
        _assembler.TakeUnit().ShouldBeNull();
        Wait(TimeSpan.FromMilliseconds(1));
        Keys(_assembler.TakeUnit()).ShouldBe(["a"]);
    }

    [Fact]
    public void Silence_counts_only_from_when_it_is_known_that_an_event_has_come()
    {
        Wait(TimeSpan.FromSeconds(1));
        _assembler.IsTimed = false;
        Add("a");
        Wait(TimeSpan.FromSeconds(1));
        _assembler.TakeUnit().ShouldBeNull("the event may have come a moment ago");
        _assembler.IsTimed = true;
        Wait(TimeSpan.FromMilliseconds(50));
        Keys(_assembler.TakeUnit()).ShouldBe(["a"]);
    }

    [Fact]
    public void Alternating_keys_that_a_credit_boundary_cut_apart_stay_whole_and_are_given_out_together()
    {
        Add("a");
        Add("b");
        _assembler.TakeUnit().ShouldBeNull();
        Add("a", sequence: 2);
        Add("b", sequence: 2);
        _assembler.Interleaved.ShouldBeTrue();
        Wait(TimeSpan.FromMilliseconds(50));
        var unit = _assembler.TakeUnit()!;
        Keys(unit).ShouldBe(["a", "b"]);
        unit[0].InOrder().Select(e => e.Number).ShouldBe([1, 3]);
        unit.ShouldAllBe(t => !t.IsLate);
    }

    [Fact]
    public void Where_keys_alternate_another_key_no_longer_closes()
    {
        var assembler = new TransactionAssembler(_recent, interleaved: true);
        assembler.Add(Event("a"));
        assembler.Add(Event("b"));
        assembler.Advance(ClosingRules.Linger);
        assembler.TakeUnit().ShouldBeNull();
        assembler.Advance(TimeSpan.FromMilliseconds(50));
        assembler.TakeUnit().ShouldNotBeNull();
    }

    [Fact]
    public void A_gap_event_with_a_foreign_key_inside_a_transaction_closes_nothing_and_stays_in_its_unit()
    {
        Add("a");
        _assembler.Add(Event("gap", kind: ChangeKind.GapUpdate));
        Wait(ClosingRules.Linger);
        _assembler.TakeUnit().ShouldBeNull();
        Add("a", sequence: 3);
        Wait(TimeSpan.FromMilliseconds(50));
        var unit = _assembler.TakeUnit()!;
        Keys(unit).ShouldBe(["a", null]);
        unit[0].Count.ShouldBe(2);
        unit.Max(t => t.Last).ShouldBe(3);
        _assembler.Interleaved.ShouldBeFalse();
    }

    [Fact]
    public void A_gap_event_with_the_key_of_an_open_transaction_belongs_to_it()
    {
        Add("a");
        _assembler.Add(Event("a", kind: ChangeKind.GapCreate, sequence: 2));
        Wait(TimeSpan.FromMilliseconds(50));
        _assembler.TakeUnit()!.Single().Count.ShouldBe(2);
    }

    [Fact]
    public void An_unreadable_event_is_a_unit_of_its_own()
    {
        _assembler.Add(new TransactionEvent(Stored(++_number), null, null, "why"));
        _assembler.TakeUnit()!.Single().Key.ShouldBeNull();
        _assembler.Pending.ShouldBe(0);
    }

    [Fact]
    public void Events_of_a_transaction_come_by_sequence_number_and_holes_are_not_waited_for()
    {
        Add("a", sequence: 7);
        Add("a", sequence: 2);
        Add("a", sequence: 4);
        Wait(TimeSpan.FromMilliseconds(50));
        _assembler.TakeUnit()!.Single().InOrder().Select(e => e.Sequence).ShouldBe([2, 4, 7]);
    }

    [Fact]
    public void The_same_change_delivered_twice_in_a_transaction_is_one()
    {
        Add("a", sequence: 1, record: "001", content: 5);
        Add("a", sequence: 1, record: "001", content: 5);
        Wait(TimeSpan.FromMilliseconds(50));
        var transaction = _assembler.TakeUnit()!.Single();
        transaction.Count.ShouldBe(1);
        transaction.Last.ShouldBe(2);
        transaction.Conflicts.ShouldBeEmpty();
        _assembler.Pending.ShouldBe(0);
    }

    [Fact]
    public void Different_contents_under_one_sequence_number_are_told()
    {
        Add("a", sequence: 1, record: "001", content: 5);
        Add("a", sequence: 1, record: "001", content: 6);
        Add("a", sequence: 1, record: "002", content: 5);
        Wait(TimeSpan.FromMilliseconds(50));
        var transaction = _assembler.TakeUnit()!.Single();
        transaction.Count.ShouldBe(2);
        transaction.Conflicts.Count.ShouldBe(1);
    }

    [Fact]
    public void A_straggler_of_a_transaction_that_was_given_out_is_known_for_one()
    {
        Add("a");
        Wait(TimeSpan.FromMilliseconds(50));
        _assembler.TakeUnit().ShouldNotBeNull();
        Add("a", sequence: 2);
        Wait(TimeSpan.FromMilliseconds(100));
        _assembler.TakeUnit()!.Single().IsLate.ShouldBeTrue();
        _assembler.Interleaved.ShouldBeFalse();
    }

    [Fact]
    public void A_straggler_behind_another_key_shows_that_keys_alternate()
    {
        Add("a");
        Add("b");
        Wait(ClosingRules.Linger);
        _assembler.TakeUnit().ShouldNotBeNull();
        Add("a", sequence: 2);
        _assembler.Interleaved.ShouldBeTrue();
    }

    [Fact]
    public void A_lost_position_cuts_what_is_open_and_says_so()
    {
        var last = Add("a");
        _assembler.CutThrough(last);
        _assembler.TakeUnit()!.Single().IsCut.ShouldBeTrue();
    }

    [Fact]
    public void What_comes_after_a_lost_position_does_not_make_whole_what_it_cut()
    {
        var last = Add("a");
        _assembler.CutThrough(last);
        Add("b");
        Wait(TimeSpan.FromMinutes(1));
        _assembler.TakeUnit()!.Single().IsCut.ShouldBeTrue();
        _assembler.TakeUnit()!.Single().IsCut.ShouldBeFalse();
        _assembler.CutThrough(last);
        _assembler.TakeUnit().ShouldBeNull();
    }

    [Fact]
    public void Positions_that_were_lost_behind_events_still_to_be_read_cut_there()
    {
        Add("a");
        _assembler.CutThrough(2);
        _assembler.CutThrough(4);
        Add("a", sequence: 2);
        Add("b");
        Add("b", sequence: 2);
        Add("c");
        Wait(TimeSpan.FromMinutes(1));
        Taken().ShouldBe([("a", true), ("b", true), ("c", false)]);
    }

    [Fact]
    public void What_was_whole_when_the_position_was_lost_is_not_cut()
    {
        Add("a");
        Wait(TimeSpan.FromMilliseconds(50));
        var last = Add("b");
        _assembler.CutThrough(last);
        Taken().ShouldBe([("a", false), ("b", true)]);
    }

    [Fact]
    public void A_lost_position_cuts_what_goes_on_after_it_too()
    {
        var last = Add("a");
        var after = Add("a", sequence: 2);
        _assembler.CutThrough(last);
        _assembler.CloseThrough(after);
        _assembler.TakeUnit()!.Single().IsCut.ShouldBeTrue();
    }

    [Fact]
    public void A_transaction_of_any_size_is_held_in_bounded_memory_and_keeps_its_numbers()
    {
        var payload = new byte[20_000];
        for (var i = 0; i < 3_000; i++)
            _assembler.Add(Event("a", sequence: i + 1, payload: payload));
        _assembler.Bytes.ShouldBeLessThan(ClosingRules.BytesHeld);
        Wait(TimeSpan.FromMilliseconds(50));
        var transaction = _assembler.TakeUnit()!.Single();
        transaction.IsReleased.ShouldBeTrue();
        transaction.InOrder().Select(e => e.Number).ShouldBe(Enumerable.Range(1, 3_000).Select(n => (long)n));
        _assembler.Bytes.ShouldBe(0);
    }

    [Fact]
    public void Units_never_leave_a_position_inside_a_transaction()
    {
        var random = new Random(20);
        for (var round = 0; round < 200; round++)
        {
            var assembler = new TransactionAssembler(new RecentTransactions(), interleaved: random.Next(2) == 0);
            var taken = new List<long>();
            var added = new Dictionary<string, List<long>>();
            for (long number = 1; number <= 60; number++)
            {
                var key = $"k{(number / 6) + random.Next(3)}";
                (added.TryGetValue(key, out var list) ? list : added[key] = []).Add(number);
                assembler.Add(Event(key, sequence: (int)number, number: number));
                assembler.Advance(TimeSpan.FromMilliseconds(number * random.Next(4)));
                Drain(assembler, taken);
            }
            assembler.CloseThrough(60);
            Drain(assembler, taken);
            taken.Order().ShouldBe(Enumerable.Range(1, 60).Select(n => (long)n));
        }

        static void Drain(TransactionAssembler assembler, List<long> taken)
        {
            while (assembler.TakeUnit() is { } unit)
            {
                taken.AddRange(unit.SelectMany(t => t.InOrder()).Select(e => e.Number));
                taken.Count.ShouldBe((int)unit.Max(t => t.Last));
                unit.Select(t => t.First).ShouldBe(unit.Select(t => t.First).Order());
            }
        }
    }

    private long Add(string key, int sequence = 1, string record = "001", int content = 0)
    {
        var payload = new byte[] { (byte)content, (byte)sequence };
        _assembler.Add(Event(key, sequence: sequence, record: record + sequence, payload: payload));
        return _number;
    }

    private List<(string?, bool)> Taken()
    {
        var taken = new List<(string?, bool)>();
        while (_assembler.TakeUnit() is { } unit)
            taken.AddRange(unit.Select(t => (t.Key, t.IsCut)));
        return taken;
    }

    private void Wait(TimeSpan streamTime) => _assembler.Advance(_streamTime += streamTime);

    private TimeSpan _streamTime;

    private TransactionEvent Event(
        string key, int sequence = 1, ChangeKind kind = ChangeKind.Update, string record = "001", byte[]? payload = null, long? number = null)
    {
        var header = new ChangeEventHeader("Account", [record], kind, kind.ToString(), "", key, sequence, 1_000, 1, "005", [], [], []);
        return new(Stored(number ?? ++_number, payload), header, null, null);
    }

    private static StoredEvent Stored(long number, byte[]? payload = null) =>
        new(number, new ReplayId([(byte)number]), $"id{number}", "schema", payload ?? [1], DateTimeOffset.UnixEpoch);

    private static string?[] Keys(IReadOnlyList<Transaction>? unit) => [.. unit!.Select(t => t.Key)];
}
