using Microsoft.Extensions.Logging;
using SalesforceSync.Assemble;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Receive;

/// <summary>Salesforce refuses the channel, and only a person can change that.</summary>
internal sealed class ChannelRefusedException(string org, string channel, string code, string remedy)
    : Exception($"{org}/{channel}: Salesforce refuses the subscription ({code}): {remedy}");

/// <summary>
/// Keeps one channel subscribed: one call at a time, each from the stored position, and after its end, of whatever kind, the next. What it does about each
/// kind of fault stands in <see cref="FaultTable"/>.
/// </summary>
internal sealed class ReceiveLoop(
    OrgOptions options, string channel, PubSubClient client, Intake intake, DeliveredEvents delivered, ReceiveProgress progress, TimeProvider time,
    ILogger logger)
{
    /// <summary>So many events of waiting responses are stored in one commit, or fewer large ones: the longer a commit takes, the more wait for the next.</summary>
    private const int EventsPerCommit = 1_000;

    /// <summary>Bytes of an event that count as one more.</summary>
    private const int BytesOfAnEvent = 8 * 1024;

    private const int RefusedTokens = 3;

    private static readonly TimeSpan RefusedTokensPause = TimeSpan.FromMinutes(5);

    private readonly ResubscribeDelay _delay = new(new Random());
    private readonly RetentionAlarm _alarm = new();
    private DateTimeOffset? _heardAt;
    private int _refusedTokens;
    private long? _firstResponse;

    private string Endpoint => options.PubSubEndpoint.Host;

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="ChannelRefusedException">A person has to act.</exception>
    /// <exception cref="SignInRefusedException">A person has to act.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database failed; begin anew from what it says.</exception>
    public async Task RunAsync(ChannelStart start, CancellationToken stop)
    {
        await intake.StartAsync(start, stop);
        _heardAt = intake.Position.SpokeAt;
        if (start.Missing is { } missing)
            await LoseAsync(missing, stop);
        while (true)
        {
            var begin = intake.StartCall(options.StartFrom == StartFrom.Earliest);
            Verdict? verdict = null;
            var ended = "ended";
            try
            {
                await ListenAsync(begin, stop);
                progress.Ended(null);
            }
            catch (GrpcException fault)
            {
                verdict = FaultTable.Decide(fault, !begin.ReplayId.IsEmpty);
                ended = verdict.Code;
                Tell(verdict, fault.Trailers?.Get("rpc-id") ?? "");
            }
            catch (SilenceException silence)
            {
                ended = "silent";
                progress.Ended(silence.Message);
            }
            catch (PositionLostException lost)
            {
                ended = "lost";
                await LoseAsync(lost.Reason, stop);
            }
            catch (SignInUnavailableException unavailable)
            {
                ended = "no token";
                progress.Ended(unavailable.Message);
            }
            Meters.StreamEnded(options.Name, channel, ended);
            if (_alarm.Due(_heardAt, time.GetUtcNow()) is { } lostAt)
                logger.RetentionEnds(options.Name, channel, _heardAt!.Value, lostAt, verdict is null ? progress.Trouble ?? "it ends at once" : $"{verdict.Code}: {verdict.Remedy}");
            await FollowAsync(verdict, begin, stop);
        }
    }

    private async Task FollowAsync(Verdict? verdict, SubscriptionStart begin, CancellationToken stop)
    {
        if (verdict is not null)
            progress.Ended($"{verdict.Code}: {verdict.Remedy}");
        switch (verdict?.Directive)
        {
            case Directive.SignInAgain:
                client.DropToken();
                await HesitateAsync(stop);
                break;
            // Said of a start without an id, it is no news.
            case Directive.Repair when !(intake.IsLost && begin.ReplayId.IsEmpty):
                await LoseAsync(verdict.Code, stop);
                break;
            case Directive.Stop:
                throw new ChannelRefusedException(options.Name, channel, verdict.Code, verdict.Remedy);
        }
        await Task.Delay(verdict?.Pause ?? _delay.Next(), time, stop);
    }

    private void Tell(Verdict verdict, string rpcId)
    {
        if (verdict is { Directive: Directive.Wait, Pause: { } pause })
            logger.StreamRefused(options.Name, channel, verdict.Code, rpcId, verdict.Remedy, pause);
        else
            logger.StreamFailed(options.Name, channel, verdict.Code, rpcId, verdict.Directive, verdict.Remedy);
    }

    /// <summary>A new token is a call: when new ones are refused as well, asking for more of them only spends the allowance.</summary>
    private async Task HesitateAsync(CancellationToken stop)
    {
        if (++_refusedTokens <= RefusedTokens)
            return;
        logger.TokensRefused(options.Name, channel, _refusedTokens, RefusedTokensPause);
        await Task.Delay(RefusedTokensPause, time, stop);
    }

    private async Task LoseAsync(string reason, CancellationToken stop)
    {
        logger.PositionLost(options.Name, channel, reason, options.OnLostReplayId);
        Meters.PositionLost(options.Name, channel);
        if (options.OnLostReplayId == LostReplayIdPolicy.Stop)
        {
            throw new ChannelRefusedException(
                options.Name, channel, reason, $"the position is lost and Orgs:{options.Name}:OnLostReplayId is Stop; set it to Repair, Earliest or Latest to go on");
        }
        var skips = options.OnLostReplayId switch
        {
            LostReplayIdPolicy.Latest => true,
            LostReplayIdPolicy.Repair => await intake.IsKeptTooDearAsync(options.DeliveredEventsPerDay, stop),
            _ => false,
        };
        if (skips)
            logger.GoingOnWithNext(options.Name, channel, options.DeliveredEventsPerDay);
        await intake.LoseAsync(reason, options.OnLostReplayId.ToString(), skips, Endpoint, QuietPeriod, stop);
    }

    private TimeSpan QuietPeriod => ClosingRules.QuietPeriod(
        options.QuietPeriod, client.RoundTrip, _firstResponse is { } first ? time.GetElapsedTime(first) : TimeSpan.Zero);

    /// <summary>A silent stream is listened to on when its silence was told: it is measured against what is stored (rule C1).</summary>
    private static int? Weight(StreamItem item) => item is StreamItem.Events batch ? batch.List.Sum(sent => 1 + sent.Payload.Length / BytesOfAnEvent) : null;

    private async Task ListenAsync(SubscriptionStart begin, CancellationToken stop)
    {
        logger.Resuming(options.Name, channel, begin.ReplayId, intake.Position.Event);
        _firstResponse = null;
        var times = new ListeningTimes(options.SilenceAfter, ClosingRules.Silences(options.QuietPeriod));
        // Everything read is stored before the next is asked for, and storing never waits on decoding: the room is a whole credit.
        var subscription = await client.SubscribeAsync(channel, begin, times, () => 100, stop);
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var items = new Lookahead<StreamItem>(subscription.ReadAsync(listening.Token), Weight, EventsPerCommit, listening);
        while (await items.NextAsync() is { } some)
        {
            _firstResponse ??= time.GetTimestamp();
            foreach (var item in some)
                delivered.Count(item is StreamItem.Events batch ? batch.List.Count : 0);
            await intake.TakeAsync(some, QuietPeriod, stop);
            if (some.All(item => item is StreamItem.Quiet))
                continue;
            _heardAt = time.GetUtcNow();
            _delay.Progress();
            _refusedTokens = 0;
        }
    }
}
