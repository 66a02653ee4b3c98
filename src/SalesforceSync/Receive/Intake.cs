using Microsoft.Extensions.Logging;
using SalesforceSync.Diagnostics;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Receive;

/// <summary>What the stream brings shows that it does not go on where we left it, though nobody refused.</summary>
/// <param name="reason">What shows it.</param>
internal sealed class PositionLostException(string channel, string reason) : Exception($"{channel}: {reason}")
{
    /// <summary>What shows it, without the channel.</summary>
    public string Reason => reason;
}

/// <summary>
/// Takes what a subscription says, drops what is stored already, stores the rest with the position it gives, and only then hands it on. One per channel,
/// used by its receive loop.
/// </summary>
internal sealed class Intake(
    EventStore store, LostPosition lostPosition, Handoff handoff, EventNumbers numbers, ReceiveProgress progress,
    Func<RawEvent, CancellationToken, ValueTask<UnderstoodEvent>> understand, StoredSpans spans, TimeProvider time, ILogger logger, string org)
{
    private readonly Reception _reception = new(numbers, store.Channel);

    public ReceivedPosition Position => _reception.Position;

    /// <summary>The position was lost and the stream has not been caught up with since: what comes is compared with all that is stored.</summary>
    public bool IsLost => _reception.IsLost;

    /// <summary>Goes on from what the table says.</summary>
    public async Task StartAsync(ChannelStart start, CancellationToken stop)
    {
        var tail = await store.ReadTailAsync(start.Received.Event, Reception.Remembered, stop);
        if (start.Lost)
            _reception.Start(start, tail, await store.ReadEventIdsAsync(stop), await LastStoredAsync(start.Received.Event, start.LostEvent, stop), time.GetUtcNow());
        else
            _reception.Start(start, tail, null, null, time.GetUtcNow());
    }

    /// <summary>A new call is about to be made; it has to begin where this says.</summary>
    /// <param name="beginsEarliest">What has no position yet begins with everything that is kept, not with the next event.</param>
    public SubscriptionStart StartCall(bool beginsEarliest) => _reception.StartCall(time.GetUtcNow(), beginsEarliest);

    /// <summary>Whether the events that Salesforce still keeps are more than may be delivered.</summary>
    public Task<bool> IsKeptTooDearAsync(long allowance, CancellationToken stop) => lostPosition.IsTooDearAsync(allowance, stop);

    /// <summary>The position is lost: from now on everything is compared with what is stored, and what is open is cut.</summary>
    /// <param name="skips">The stream is to go on with the next event.</param>
    public async Task LoseAsync(string reason, string policy, bool skips, string endpoint, TimeSpan quietPeriod, CancellationToken stop)
    {
        await lostPosition.RecordAsync(reason, Position.Resume.IsEmpty ? Position.Idle : Position.Resume, policy, skips, endpoint, stop);
        _reception.Lose(skips, await store.ReadEventIdsAsync(stop), await LastStoredAsync(Position.Event, Position.Event, stop), time.GetUtcNow());
        handoff.Offer([], _reception.Mark(quietPeriod));
    }

    /// <summary>Stores what a few items say, in one commit, and hands it on.</summary>
    /// <exception cref="PositionLostException">Nothing was stored.</exception>
    /// <exception cref="Protocol.GrpcException">A schema cannot be had just now; nothing was stored, and all of it is new when it comes again.</exception>
    public async Task TakeAsync(IReadOnlyList<StreamItem> items, TimeSpan quietPeriod, CancellationToken stop)
    {
        spans.Begin();
        // All of it before anything is remembered: what fails here comes again with the next call, and must be new then.
        // And before anything is compared: what is stored is what is left of an event once it is masked.
        var (kept, committed) = await UnderstandAsync(items, stop);
        var taken = _reception.Take(kept, committed, time.GetUtcNow());
        if (taken.Redelivered > 0)
        {
            logger.Redelivered(org, store.Channel, taken.Redelivered);
            Meters.Redelivered(org, store.Channel, taken.Redelivered);
        }
        if (taken.Older > 0)
        {
            await lostPosition.PassedOverAsync(taken.Older, stop);
            logger.OlderPassedOver(org, store.Channel, taken.Older);
        }
        // Readings wait for the stream to speak (rule A2), so that it did is stored even where it said nothing new.
        if (taken.IsHeard)
        {
            CrashPoint.Hit(CrashPoints.ReceiveBeforeStore);
            await StoreAsync(taken, stop);
            CrashPoint.Hit(CrashPoints.ReceiveAfterStore);
            if (taken.Events.Count > 0)
            {
                var now = time.GetUtcNow();
                Meters.Stored(org, store.Channel, taken.Events.Count, now - taken.Events[0].ReceivedAt);
                spans.Tell(taken.Events, now);
            }
        }
        _reception.Stored(taken);
        if (taken.IsHeard)
            progress.Heard(taken.Events.Count);
        handoff.Offer(taken.Events, _reception.Mark(quietPeriod));
        if (!taken.IsCaughtUp)
            return;
        await lostPosition.CaughtUpAsync(stop);
        _reception.CaughtUp();
    }

    /// <summary>Whether it was stored when that fails, the position in the database tells whoever begins anew (rule F2).</summary>
    private async Task StoreAsync(Reception.Taken taken, CancellationToken stop)
    {
        try
        {
            await store.AppendAsync(taken.Events, Position, taken.Position, stop);
        }
        catch (Npgsql.NpgsqlException) when (PlantedBug.Is(PlantedBugs.UnknownTakenForDone))
        {
            // As if it had been answered.
        }
        catch (Npgsql.NpgsqlException) when (PlantedBug.Is(PlantedBugs.UnknownWrittenAgain))
        {
            await store.AppendAsync([.. taken.Events.Select(again => again with { Number = again.Number + 1_000 })], Position, taken.Position, stop);
        }
    }

    private async Task<Reception.LastStored?> LastStoredAsync(long number, long lost, CancellationToken stop) =>
        await store.ReadAsync([number], stop) is [var last]
            ? new(last.EventId, (await understand(new RawEvent(last.EventId, last.SchemaId, last.ReplayId, last.Payload), stop)).CommitAt, IsSinceLoss: number > lost)
            : null;

    /// <returns>The items as they are to be stored; when each event was committed, as far as it can be read; in their order.</returns>
    private async Task<(IReadOnlyList<StreamItem> Kept, Queue<DateTimeOffset?> Committed)> UnderstandAsync(IReadOnlyList<StreamItem> items, CancellationToken stop)
    {
        var (kept, committed) = (new List<StreamItem>(items.Count), new Queue<DateTimeOffset?>());
        foreach (var item in items)
        {
            if (item is not StreamItem.Events batch)
            {
                kept.Add(item);
                continue;
            }
            var events = new List<RawEvent>(batch.List.Count);
            foreach (var raw in batch.List)
            {
                var understood = await understand(raw, stop);
                events.Add(understood.Event);
                committed.Enqueue(understood.CommitAt);
            }
            kept.Add(batch with { List = events });
        }
        return (kept, committed);
    }
}
