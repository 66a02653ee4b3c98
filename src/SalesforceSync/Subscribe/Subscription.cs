using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Eventbus.V1;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using SalesforceSync.Diagnostics;
using SalesforceSync.Protocol;

namespace SalesforceSync.Subscribe;

/// <summary>
/// One Subscribe call, from its first request to its end. Events come in stream order, at least once; nothing is remembered here, so what was read and
/// not stored comes again with the next call. One reader; <see cref="TopUpAsync"/> may be called while its <c>MoveNextAsync</c> is pending.
/// </summary>
/// <param name="freeRoom">How many more events may be asked for now, beyond those outstanding. Asked for when credit is due; must be quick.</param>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose.")]
internal sealed class Subscription(
    GrpcChannel channel, GrpcMetadata metadata, string topic, SubscriptionStart start, ListeningTimes times,
    Func<int> freeRoom, TimeProvider time, ILogger logger, string org)
{
    /// <summary>No wait for silence is longer than this part of it, so that waking late is noticed.</summary>
    private const int SilenceParts = 10;

    /// <summary>How long the other side may take, beside the round trip, to go on after its credit had run out. Nothing it sends says that it has.</summary>
    private static readonly TimeSpan Resumption = TimeSpan.FromMilliseconds(500);

    private readonly Credit _credit = new();
    private readonly StreamClock _clock = new(times.QuietOffsets);
    private readonly SemaphoreSlim _writing = new(1);
    private GrpcCall<FetchRequest, FetchResponse>? _call;
    private bool _subscribed;
    private bool _answered;
    private long _heardAt;

    /// <summary>Events asked for and not delivered yet.</summary>
    public int Outstanding => _credit.Outstanding;

    /// <summary>Whether all that has arrived was read: only then is waiting silence.</summary>
    public bool IsDrained => _call?.IsDrained == true;

    /// <summary>
    /// Subscribes and yields what the stream says, until the server ends it. The first request waits for room. Cancelling <paramref name="stop"/> ends a
    /// pending <c>MoveNextAsync</c>; disposing the enumerator resets the call.
    /// </summary>
    /// <exception cref="GrpcException">The call ended with an error; ask <see cref="FaultTable"/>.</exception>
    /// <exception cref="SilenceException">Nothing was heard for too long; the connection will not be used again.</exception>
    /// <exception cref="InvalidOperationException">Read a second time.</exception>
    public async IAsyncEnumerable<StreamItem> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        if (_call is not null)
            throw new InvalidOperationException($"{org}/{topic}: a subscription is read once; make another one");
        var call = _call = channel.Duplex(PubSubMethods.Subscribe, metadata, stop);
        Task<FetchResponse?>? read = null;
        try
        {
            await TopUpAsync(stop);
            _heardAt = time.GetTimestamp();
            while (true)
            {
                // The read outlives a quiet item: cancelling it would end the call.
                read ??= call.ReadAsync(stop).AsTask();
                if (!await HeardAsync(read))
                {
                    yield return new StreamItem.Quiet(_clock.Now);
                    continue;
                }
                var response = await read;
                read = null;
                if (response is null)
                {
                    logger.EndedByServer(org, topic);
                    yield break;
                }
                yield return await TakeAsync(response, stop);
            }
        }
        finally
        {
            if (PlantedBug.Is(PlantedBugs.OldCallKept))
                read = null;
            else
                await call.DisposeAsync();
            // Given up while it was pending: it says nothing but that.
            await (read ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks for more if half of the credit is used up and there is room. For the reader, when room has become free.</summary>
    /// <exception cref="SilenceException">The request could not be sent for too long.</exception>
    public async ValueTask TopUpAsync(CancellationToken stop)
    {
        if (_call is not { } call || _credit.Wanted(freeRoom()) == 0)
            return;
        using var patience = new CancellationTokenSource(times.SilenceAfter, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            await AskAsync(call, either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw GiveUp();
        }
    }

    private async Task AskAsync(GrpcCall<FetchRequest, FetchResponse> call, CancellationToken stop)
    {
        // The reader asks too, after a response.
        await _writing.WaitAsync(stop);
        try
        {
            if (_credit.Ask(freeRoom()) is not (> 0 and var wanted))
                return;
            var request = new FetchRequest { NumRequested = wanted };
            if (!_subscribed)
            {
                request.TopicName = topic;
                request.ReplayPreset = PlantedBug.Is(PlantedBugs.PresetUnsaid) ? default : start.Preset;
                request.ReplayId = ByteString.CopyFrom(start.ReplayId.Span);
            }
            if (!await call.WriteAsync(request, stop))
            {
                // The call is over, and the reader learns why; unless it was us who lost patience while it was being opened.
                stop.ThrowIfCancellationRequested();
                return;
            }
            if (!_subscribed)
                logger.Subscribed(org, topic, start.Preset, start.ReplayId);
            _subscribed = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Waits until the read has completed or the stream was quiet for long enough to be told.</summary>
    /// <returns>True when the read has completed.</returns>
    private async Task<bool> HeardAsync(Task read)
    {
        while (!read.IsCompleted)
        {
            if (_credit.Outstanding == 0)
            {
                // Nobody owes anybody anything: this silence means nothing, neither a quiet stream nor a dead one.
                await Task.WhenAny(read, _credit.Granted());
                AwaitArrival();
                _heardAt = time.GetTimestamp();
                continue;
            }
            var quiet = _clock.Slice;
            var asked = quiet ?? SilenceSlice();
            var took = await WaitAsync(read, asked);
            // Of a slice at whose end something is on its way to us nobody can say how long of it was silence.
            var passed = quiet is not null && IsDrained && !read.IsCompleted && _clock.Count(asked, took);
            if (read.IsCompleted)
                break;
            if (passed)
                return false;
            // After a pause of the process the connection gets one slice in time to show what it holds.
            if (!StreamClock.IsLate(asked, took) && time.GetElapsedTime(_heardAt) >= times.SilenceAfter && !PlantedBug.Is(PlantedBugs.SilenceUnnoticed))
                throw GiveUp();
        }
        return true;
    }

    private TimeSpan SilenceSlice()
    {
        var part = times.SilenceAfter / SilenceParts;
        var left = times.SilenceAfter - time.GetElapsedTime(_heardAt);
        var slice = left > TimeSpan.Zero && left < part ? left : part;
        return TimeSpan.FromMilliseconds(Math.Ceiling(slice.TotalMilliseconds));
    }

    /// <returns>How long it took until the read completed or the time was over.</returns>
    private async Task<TimeSpan> WaitAsync(Task read, TimeSpan asked)
    {
        // Not linked to the caller's token: the read is, and ends the wait.
        using var over = new CancellationTokenSource();
        var began = time.GetTimestamp();
        await Task.WhenAny(read, Task.Delay(asked, time, over.Token));
        var took = time.GetElapsedTime(began);
        // At once, not by a thread that may be busy elsewhere: nothing hangs on it but the timer.
        over.Cancel();
        return took;
    }

    private async Task<StreamItem> TakeAsync(FetchResponse response, CancellationToken stop)
    {
        _heardAt = time.GetTimestamp();
        _clock.Heard();
        _credit.Delivered(response.Events.Count, response.PendingNumRequested);
        if (!_answered)
            logger.Answered(org, topic, response.RpcId);
        _answered = true;
        // Before it is handed on: storing takes a while, and the stream need not stand still meanwhile.
        await TopUpAsync(stop);
        AwaitArrival();
        var latest = new ReplayId(response.LatestReplayId.Span);
        return response.Events.Count == 0
            ? new StreamItem.Keepalive(latest, response.RpcId, _clock.Now)
            : new StreamItem.Events([.. response.Events.Select(Raw)], latest, response.RpcId, _clock.Now);
    }

    /// <summary>After the credit ran out over there, the silence until our request has arrived and was worked on is our own doing.</summary>
    private void AwaitArrival()
    {
        if (_credit.IsOnItsWay)
            _clock.Deaf((channel.RoundTrip ?? TimeSpan.Zero) + Resumption);
    }

    /// <summary>An event without content is handed on as an empty one: it cannot be decoded, and that is where it is recorded.</summary>
    private static RawEvent Raw(ConsumerEvent sent) =>
        new(sent.Event?.Id ?? "", sent.Event?.SchemaId ?? "", new ReplayId(sent.ReplayId.Span), sent.Event?.Payload.Memory ?? default);

    private SilenceException GiveUp()
    {
        logger.Silent(org, topic, times.SilenceAfter);
        // TCP may take minutes to say that the connection is dead, and the next call would be opened on it.
        channel.Retire();
        return new SilenceException(topic, times.SilenceAfter);
    }
}
