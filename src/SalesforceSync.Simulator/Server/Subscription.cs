using Eventbus.V1;
using SalesforceSync.Protocol;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Server;

/// <summary>One Subscribe call: a reader that takes credit, a writer that spends it. The call ends when either does.</summary>
internal sealed class Subscription(
    SimulatedOrg org, FaultScript faults, CallCounts counts, SimulatorSettings settings, GrpcServerStream<FetchRequest, FetchResponse> stream, string rpcId)
{
    // Salesforce splits responses at about 3 MB.
    private const int MaxResponseBytes = 3_000_000;
    private const string Rpc = "Subscribe";

    private static readonly FaultKind[] Ends = [FaultKind.Drop, FaultKind.Reset, FaultKind.GoAway, FaultKind.CleanEnd, FaultKind.Silence, FaultKind.StreamError];

    private readonly Credit _credit = new();
    private readonly Random _sizes = new(org.Options.Seed + (int)counts.Subscribes);
    private readonly List<ConsumerEvent> _batch = new(100);
    private readonly List<ConsumerEvent> _lastBatch = new(100);
    private Topic _topic = null!;
    private BusPlace _place;
    private long _seen;
    private DateTimeOffset _lastResponse = org.Time.GetUtcNow();

    public async Task RunAsync(CancellationToken stop)
    {
        if (await stream.ReadAsync(stop) is not { } first) return;
        Start(first);
        Request(first);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reading = ReadAsync(over.Token);
        var writing = WriteAsync(over.Token);
        var ended = await Task.WhenAny(reading, writing);
        await over.CancelAsync();
        try
        {
            await Task.WhenAll(reading, writing);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The other half was told to stop because the first had ended.
        }
        await ended;
    }

    private void Start(FetchRequest first)
    {
        if (first.TopicName.Length == 0) throw Error(PubSubErrors.TopicEmpty, "Topic name cannot be empty.");
        _topic = org.FindTopic(first.TopicName) ?? throw Error(PubSubErrors.TopicNotFound, $"The topic {first.TopicName} was not found.");
        // A multi-entity channel skips what the user may not read; the topic of one object is refused.
        if (_topic.Single is { } single && !org.Access.MayRead(single))
            throw Error(PubSubErrors.CannotSubscribe, $"The user may not subscribe to the topic {first.TopicName}.");
        if (first.NumRequested <= 0) throw Error(PubSubErrors.RequestedInvalid, "The number of requested events must be positive.");
        if (faults.Take(FaultKind.RefuseSubscribe) is { } refusal)
            throw PubSubErrors.Of(refusal.Order.ErrorCode ?? "service.unavailable", "Refused on order.", Rpc, rpcId, refusal.Order.Status);
        // Before the place is taken: an id older than the place repeats an event at worst, a newer one would lose it.
        _seen = org.Bus.Newest;
        _place = first.ReplayPreset switch
        {
            ReplayPreset.Earliest => org.Bus.Earliest,
            ReplayPreset.Custom => After(first),
            _ => org.Bus.Latest
        };
    }

    private BusPlace After(FetchRequest first)
    {
        if (first.ReplayId.IsEmpty) throw Error(PubSubErrors.ReplayIdMissing, "A custom replay needs a replay id.");
        if (ReplayPosition.Read(first.ReplayId.Span) is not { } number || org.Bus.After(number - _topic.Offset) is not { } place)
            throw Error(PubSubErrors.ReplayIdCorrupted, "The replay id is corrupted or outside the retention window.");
        _seen = number - _topic.Offset;
        return place;
    }

    private void Request(FetchRequest request)
    {
        if (request.TopicName.Length > 0 && request.TopicName != _topic.Name) throw Error(PubSubErrors.TopicMismatch, "The topic of a subscription cannot change.");
        if (request.NumRequested <= 0) throw Error(PubSubErrors.RequestedInvalid, "The number of requested events must be positive.");
        if (!_credit.Add(request.NumRequested)) counts.OverRequest();
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        while (await stream.ReadAsync(stop) is { } request) Request(request);
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        while (true)
        {
            // Taken before looking, so that what comes while we look wakes us.
            var (arrival, added, armed) = (org.Bus.Arrival, _credit.Added, faults.Changed);
            if (faults.Take(Ends) is { } strike)
            {
                await EndAsync(strike, stop);
                return;
            }
            var pending = _credit.Pending;
            if (pending > 0 && await DeliverAsync(pending, stop)) continue;
            var idle = pending > 0 ? settings.Keepalive : settings.CloseWithoutCredit;
            var left = _lastResponse + idle - org.Time.GetUtcNow();
            if (left > TimeSpan.Zero) await WaitAsync(left, stop, arrival, added, armed);
            else if (pending > 0) await KeepAliveAsync(pending, stop);
            else return;
        }
    }

    private async Task<bool> DeliverAsync(int pending, CancellationToken stop)
    {
        if (_lastBatch.Count > 0 && faults.Take(FaultKind.DuplicateBatch) is not null)
        {
            await SendAsync(_lastBatch[Math.Max(0, _lastBatch.Count - pending)..], stop);
            return true;
        }
        var size = settings.SplitBatches && _sizes.Next(4) == 0 ? _sizes.Next(1, pending + 1) : pending;
        _batch.Clear();
        if (org.Bus.Read(_topic, ref _place, faults.EventsUntilNext(size), MaxResponseBytes, _batch) is { } seen) _seen = seen;
        if (_batch.Count == 0) return false;
        _lastBatch.Clear();
        _lastBatch.AddRange(_batch);
        await SendAsync(_batch, stop);
        return true;
    }

    private async Task SendAsync(List<ConsumerEvent> events, CancellationToken stop)
    {
        if (faults.Take(FaultKind.SlowDown) is { } slow) await Task.Delay(slow.Order.Delay, org.Time, stop);
        var response = new FetchResponse { RpcId = rpcId, LatestReplayId = events[^1].ReplayId };
        response.Events.AddRange(events);
        response.PendingNumRequested = _credit.Spend(events.Count);
        await stream.WriteAsync(response, stop);
        _lastResponse = org.Time.GetUtcNow();
        counts.Deliver(events.Count);
        faults.Delivered(events.Count);
    }

    private async Task KeepAliveAsync(int pending, CancellationToken stop)
    {
        // On Salesforce the position moves with the events of others, so that the id of a quiet topic stays inside the retention window.
        org.Bus.Drift(TimeSpan.FromSeconds(30));
        if (org.Bus.Read(_topic, ref _place, 0, 0, _batch) is { } seen) _seen = seen;
        await stream.WriteAsync(new FetchResponse { RpcId = rpcId, LatestReplayId = _topic.ReplayIdOf(_seen), PendingNumRequested = pending }, stop);
        _lastResponse = org.Time.GetUtcNow();
    }

    private async Task WaitAsync(TimeSpan atMost, CancellationToken stop, params Task[] signals)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var timer = Task.Delay(atMost, org.Time, over.Token);
        await Task.WhenAny([timer, .. signals]);
        await over.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    private async Task EndAsync(ArmedFault strike, CancellationToken stop)
    {
        switch (strike.Kind)
        {
            case FaultKind.Drop: stream.AbortConnection(); break;
            case FaultKind.Reset: stream.Reset(strike.Order.ResetCode); break;
            case FaultKind.GoAway: stream.GoAway(); break;
            case FaultKind.Silence: await Task.Delay(Timeout.InfiniteTimeSpan, org.Time, stop); break;
            case FaultKind.StreamError:
                throw PubSubErrors.Of(strike.Order.ErrorCode ?? "service.unavailable", "Ended on order.", Rpc, rpcId, strike.Order.Status);
            default: break;
        }
    }

    private GrpcException Error(string code, string detail) => PubSubErrors.Of(code, detail, Rpc, rpcId);
}
