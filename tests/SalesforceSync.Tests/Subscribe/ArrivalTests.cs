using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Protocol;
using SalesforceSync.Subscribe;
using SalesforceSync.Tests.Protocol;

namespace SalesforceSync.Tests.Subscribe;

/// <summary>
/// What has arrived is not silence, though nobody has read it yet: a transaction of which a part lies in the kernel must not be closed for quiet. The clock is
/// ours, and no slice of it comes back late: by time alone all of this would be silence.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class ArrivalTests : IAsyncDisposable
{
    private const int Slices = 40;
    private static readonly TimeSpan Slice = Listening.Slice;

    private readonly RawHttp2Peer _peer = new((_, stream) => [.. RawHttp2Peer.Headers(stream), .. Response(stream, pending: 99)]);
    private readonly SteppedTime _time = new();
    private readonly GrpcChannel _channel;
    private readonly Subscription _subscription;
    private readonly IAsyncEnumerator<StreamItem> _items;

    public ArrivalTests()
    {
        _channel = new GrpcChannel(_peer.Address, _time);
        _subscription = new(
            _channel, [], "/data/ChangeEvents", SubscriptionStart.Earliest, new(Listening.SilenceAfter, [Slice * 2, Slice * 8]), () => 100, _time, NullLogger.Instance, "acme");
        _items = _subscription.ReadAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
    }

    [Fact]
    public async Task Event_that_a_starved_process_has_not_read_is_no_silence()
    {
        var next = await HeardAsync();
        // On a thread of our own: there is no other.
        await Task.Factory.StartNew(
            () =>
            {
                using var starved = new BlockedPool();
                _peer.Send(Response(1, pending: 98));
                Pass(next);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await IsEventAsync(next);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    public async Task Part_of_an_event_is_no_silence(int bytes)
    {
        var next = await HeardAsync();
        var response = Response(1, pending: 98);
        _peer.Send(response[..bytes]);
        await UnreadAsync();
        Pass(next);
        next.IsCompleted.ShouldBeFalse();
        _peer.Send(response[bytes..]);
        await IsEventAsync(next);
    }

    [Fact]
    public async Task What_http_says_to_http_is_silence()
    {
        var next = await HeardAsync();
        _peer.Send(RawHttp2Peer.Frame(8, 0, 0, 0, 0, 1, 0));
        await Listening.DrainedAsync(_subscription);
        Pass(next);
        (await next.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeTrue();
        _items.Current.ShouldBeOfType<StreamItem.Quiet>();
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _items.DisposeAsync();
        await _peer.DisposeAsync();
    }

    private static byte[] Response(int stream, int pending) => RawHttp2Peer.Data(stream, GrpcFrame.ToArray(ScriptedTopic.Response(1, pending)));

    /// <summary>The first response is read, and the read for the next one waits.</summary>
    private async Task<Task<bool>> HeardAsync()
    {
        (await _items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeTrue();
        _items.Current.ShouldBeOfType<StreamItem.Events>();
        var next = WithoutContext(() => _items.MoveNextAsync().AsTask());
        await Listening.DrainedAsync(_subscription);
        return next;
    }

    /// <summary>Lets the time pass; what waits for it runs on this very thread.</summary>
    private void Pass(Task<bool> next) => WithoutContext(() =>
    {
        for (var i = 0; i < Slices && !next.IsCompleted; i++)
        {
            SpinWait.SpinUntil(() => _time.HasTimer(Slice) || next.IsCompleted, TimeSpan.FromSeconds(5));
            _time.Advance(Slice);
        }
        return next;
    });

    private static T WithoutContext<T>(Func<T> act)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return act();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private async Task UnreadAsync()
    {
        for (var i = 0; i < 2_000 && _subscription.IsDrained; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        _subscription.IsDrained.ShouldBeFalse();
    }

    private async Task IsEventAsync(Task<bool> next)
    {
        (await next.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeTrue();
        _items.Current.ShouldBeOfType<StreamItem.Events>().StreamTime.ShouldBe(TimeSpan.Zero);
    }
}
