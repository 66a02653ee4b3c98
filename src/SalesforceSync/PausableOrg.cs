using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Receive;

namespace SalesforceSync;

/// <summary>
/// Copies an org except while a person has it paused, which is looked for in the database. What copies ends then as it does when the program is told to stop,
/// and begins anew from the stored positions; the lease is kept meanwhile. For one ownership.
/// </summary>
internal sealed class PausableOrg(NpgsqlDataSource source, Ownership ownership, OrgProgress progress, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly OrgPause _pause = new(source, ownership.Org);

    /// <summary>Runs until told to stop, or until copying fails.</summary>
    /// <param name="copy">Copies until told to stop.</param>
    public async Task RunAsync(Func<CancellationToken, Task> copy, CancellationToken stop)
    {
        while (true)
        {
            await StandStillAsync(stop);
            await using var work = new TaskGroup(stop);
            work.Start("copy", copy);
            work.Start("pause", async token =>
            {
                while (await _pause.FindAsync(token) is null)
                    await Task.Delay(LookEvery, time, token);
                work.Cancel();
            });
            await work.WhenAllAsync();
        }
    }

    /// <summary>Returns when the org is not paused, or not any more.</summary>
    private async Task StandStillAsync(CancellationToken stop)
    {
        var alarms = new Dictionary<string, PauseAlarm>();
        string? told = null;
        while (await _pause.FindAsync(stop) is { } paused)
        {
            if (told is null)
            {
                logger.OrgPaused(ownership.Org, paused.Since);
                progress.Forget();
            }
            Alarm(paused, alarms);
            string[] reasons = [$"a person paused it at {paused.Since:u}", .. paused.Heard.Where(h => alarms[h.Channel].IsNear).Select(Warning)];
            var reason = string.Join("; ", reasons);
            if (told != reason)
            {
                progress.Set(OrgState.Paused, reasons);
                await OrgStateKeeper.WriteAsync(source, ownership, OrgState.Paused, reason, stop);
            }
            told = reason;
            await Task.Delay(LookEvery, time, stop);
        }
        if (told is null)
            return;
        logger.OrgResumed(ownership.Org);
        progress.Set(OrgState.Starting);
    }

    private void Alarm(PausedOrg paused, Dictionary<string, PauseAlarm> alarms)
    {
        foreach (var (channel, heardAt) in paused.Heard)
        {
            if (!alarms.TryGetValue(channel, out var alarm))
                alarms.Add(channel, alarm = new());
            if (alarm.Due(heardAt, time.GetUtcNow()) is { } lostAt)
                logger.PauseOutlivesEvents(ownership.Org, channel, lostAt);
        }
    }

    private static string Warning((string Channel, DateTimeOffset? At) heard) =>
        $"{heard.Channel}: the position is lost at {PauseAlarm.LostAt(heard.At):u} unless it is resumed before";
}
