using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Protocol;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Subscribe;

/// <summary>A scripted topic, the subscription that listens to it on a clock of its own, and the enumerator as receive would hold it.</summary>
internal sealed class Listening : IAsyncDisposable
{
    public static readonly TimeSpan SilenceAfter = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan SilenceSlice = TimeSpan.FromSeconds(30);

    /// <summary>Half of the first offset below.</summary>
    public static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _stop = new();
    private Task<bool>? _move;

    private Listening(ScriptedTopic topic, SubscriptionStart start, int room)
    {
        Topic = topic;
        Room = room;
        _channel = new GrpcChannel(topic.Address, Time);
        Subscription = Subscribe(start);
        Items = Subscription.ReadAsync(_stop.Token).GetAsyncEnumerator(CancellationToken.None);
    }

    public ScriptedTopic Topic { get; }

    public Subscription Subscription { get; }

    public IAsyncEnumerator<StreamItem> Items { get; }

    public SteppedTime Time { get; } = new();

    public int Room { get; set; }

    public static async Task<Listening> StartAsync(SubscriptionStart? start = null, int room = 1_000) =>
        new(await ScriptedTopic.StartAsync(), start ?? SubscriptionStart.Earliest, room);

    /// <summary>Another call on the same channel, as a loop makes after the first has ended.</summary>
    public Subscription Subscribe(SubscriptionStart start) =>
        new(_channel, [], "/data/ChangeEvents", start, new(SilenceAfter, [Slice * 2, Slice * 8]), () => Room, Time, NullLogger.Instance, "acme");

    public Task<bool> MoveAsync() => (_move = Items.MoveNextAsync().AsTask()).WaitAsync(TimeSpan.FromSeconds(20));

    public async Task<T> NextAsync<T>()
        where T : StreamItem
    {
        (await MoveAsync()).ShouldBeTrue();
        return Items.Current.ShouldBeOfType<T>();
    }

    /// <summary>The next item, while the clock goes on by slices of this length.</summary>
    public async Task<T> NextAsync<T>(int slices)
        where T : StreamItem
    {
        var next = NextAsync<T>();
        for (var i = 0; i < slices; i++)
        {
            next.IsCompleted.ShouldBeFalse($"after {i} slices");
            await StepAsync(Slice);
        }
        return await next;
    }

    /// <summary>A slice of waiting that takes this long, at whose end all that was sent has been read.</summary>
    public async Task StepAsync(TimeSpan asked, TimeSpan? takes = null)
    {
        await Time.TimerAsync(asked);
        await DrainedAsync(Subscription);
        Time.Advance(takes ?? asked);
    }

    /// <summary>What HTTP says to HTTP arrives at any moment.</summary>
    public static async Task DrainedAsync(Subscription subscription)
    {
        for (var i = 0; i < 2_000 && !subscription.IsDrained; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        subscription.IsDrained.ShouldBeTrue();
    }

    public Task StopAsync() => _stop.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // Pending where a test has failed.
        if (_move is not null)
            await ((Task)_move).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Items.DisposeAsync();
        _channel.Dispose();
        await Topic.DisposeAsync();
        _stop.Dispose();
    }
}
