using Npgsql;
using SalesforceSync.Status;

namespace SalesforceSync;

/// <summary>Carries what the worker's parts report to whoever asks for its health, and asks Postgres itself whether it is there.</summary>
internal sealed class HealthFeed(NpgsqlDataSource source, WorkerProgress progress, WorkerHealth health, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken stop)
    {
        long? pinged = null;
        while (true)
        {
            if (progress.HasStarted)
                health.StartupDone();
            foreach (var org in progress.Orgs)
            {
                var (state, reasons) = org.Current;
                health.Set(org.Org, state, [.. reasons]);
                if (state is not (OrgState.Standby or OrgState.Paused))
                    Feed(org);
            }
            if (pinged is null || time.GetElapsedTime(pinged.Value) >= PingEvery)
            {
                await PingAsync(stop);
                pinged = time.GetTimestamp();
            }
            await Task.Delay(Interval, time, stop);
        }
    }

    private void Feed(OrgProgress org)
    {
        foreach (var channel in org.Channels)
            health.Heard(org.Org, channel.Channel, channel.Receive.Silence, channel.SilenceAfter);
    }

    private async Task PingAsync(CancellationToken stop)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(stop);
            await using var ping = new NpgsqlCommand("select 1", connection) { CommandTimeout = 5 };
            await ping.ExecuteScalarAsync(stop);
            health.DatabaseReached();
        }
        catch (Exception gone) when (gone is NpgsqlException or TimeoutException)
        {
            health.DatabaseGone(gone.Message);
        }
    }
}
