using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SalesforceSync.Receive;

namespace SalesforceSync.Tests.Receive;

/// <summary>What arrives while something is worked on comes together, and no more of it is held than is allowed.</summary>
public sealed class LookaheadTests
{
    private readonly Channel<int> _source = Channel.CreateUnbounded<int>();
    private int _read;

    [Fact]
    public async Task What_arrived_meanwhile_comes_together_and_in_order()
    {
        await using var items = Ahead(maxWeight: 100);
        Say(1);
        (await items.NextAsync()).ShouldBe([1]);
        Say(2, 3, 4);
        await HasReadAsync(4);
        (await items.NextAsync()).ShouldBe([2, 3, 4]);
        Say(5);
        (await items.NextAsync()).ShouldBe([5]);
    }

    [Fact]
    public async Task No_more_is_read_than_may_wait()
    {
        await using var items = Ahead(maxWeight: 3);
        Say(1, 2, 3, 4, 5, 6, 7);
        await HasReadAsync(3);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        _read.ShouldBe(3);
        (await items.NextAsync()).ShouldBe([1, 2, 3]);
        await HasReadAsync(6);
        (await items.NextAsync()).ShouldBe([4, 5, 6]);
    }

    [Fact]
    public async Task An_item_without_weight_is_taken_before_anything_behind_it_is_read()
    {
        await using var items = Ahead(maxWeight: 100);
        Say(1, 0, 2, 3);
        await HasReadAsync(2);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        _read.ShouldBe(2);
        (await items.NextAsync()).ShouldBe([1, 0]);
        await HasReadAsync(4);
        (await items.NextAsync()).ShouldBe([2, 3]);
    }

    [Fact]
    public async Task What_ended_it_is_told_after_everything_before_it()
    {
        await using var items = Ahead(maxWeight: 100);
        Say(1, 2);
        _source.Writer.Complete(new InvalidOperationException("over"));
        await HasReadAsync(2);
        (await items.NextAsync()).ShouldBe([1, 2]);
        (await Should.ThrowAsync<InvalidOperationException>(items.NextAsync())).Message.ShouldBe("over");
    }

    [Fact]
    public async Task A_clean_end_is_null()
    {
        await using var items = Ahead(maxWeight: 100);
        Say(1);
        _source.Writer.Complete();
        await HasReadAsync(1);
        (await items.NextAsync()).ShouldBe([1]);
        (await items.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Disposing_ends_what_is_waited_for()
    {
        var items = Ahead(maxWeight: 100);
        await items.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));
    }

    /// <summary>It was on its way when nobody wanted it any more, and there is nobody left to take it.</summary>
    [Fact]
    public async Task Disposing_does_not_wait_for_room_for_what_comes_at_that_moment()
    {
        using var stop = new CancellationTokenSource();
        var items = new Lookahead<int>(LateAsync(stop.Token), _ => null, 10, stop);
        await items.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));
    }

    private static async IAsyncEnumerable<int> LateAsync([EnumeratorCancellation] CancellationToken stop)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        yield return 1;
    }

    private Lookahead<int> Ahead(int maxWeight) => new(ReadAsync(), item => item == 0 ? null : 1, maxWeight, new CancellationTokenSource());

    private void Say(params ReadOnlySpan<int> items)
    {
        foreach (var item in items) _source.Writer.TryWrite(item).ShouldBeTrue();
    }

    private async IAsyncEnumerable<int> ReadAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        await foreach (var item in _source.Reader.ReadAllAsync(stop))
        {
            Interlocked.Increment(ref _read);
            yield return item;
        }
    }

    private async Task HasReadAsync(int items)
    {
        for (var began = TimeProvider.System.GetTimestamp(); Volatile.Read(ref _read) < items;)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(5));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }
        // Counted right before it is put down.
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
    }
}
