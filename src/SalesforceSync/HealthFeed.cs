using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Status;

namespace SalesforceSync;

/// <summary>Carries what the worker's parts report to whoever asks for its health, and asks Postgres itself whether it is there.</summary>
internal sealed class HealthFeed(NpgsqlDataSource source, IReadOnlyList<OrgOptions> orgs, WorkerProgress progress, WorkerHealth health, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan FeedEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (OrgState, IReadOnlyList<string>)> _told = [];
    private readonly Dictionary<string, long> _due = [];

    public async Task RunAsync(CancellationToken stop)
    {
        long? pinged = null;
        long? fed = null;
        while (true)
        {
            if (progress.HasStarted)
                health.StartupDone();
            foreach (var org in progress.Orgs)
                TellChange(org);
            if (fed is null || time.GetElapsedTime(fed.Value) >= FeedEvery)
            {
                foreach (var org in progress.Orgs)
                    Feed(org);
                fed = time.GetTimestamp();
            }
            if (pinged is null || time.GetElapsedTime(pinged.Value) >= PingEvery)
            {
                await PingAsync(stop);
                pinged = time.GetTimestamp();
            }
            await Task.Delay(Interval, time, stop);
        }
    }

    private void TellChange(OrgProgress org)
    {
        var current = org.Current;
        if (_told.TryGetValue(org.Org, out var told) && told.Item1 == current.State && ReferenceEquals(told.Item2, current.Reasons))
            return;
        _told[org.Org] = current;
        health.Set(org.Org, current.State, [.. current.Reasons]);
    }

    private void Feed(OrgProgress org)
    {
        var channels = org.Channels;
        if (org.Current.State is OrgState.Standby or OrgState.Paused || channels.Count > 0)
            _due.Remove(org.Org);
        if (org.Current.State is OrgState.Standby or OrgState.Paused)
            return;
        foreach (var channel in channels)
            health.Heard(org.Org, channel.Channel, channel.Receive.Silence, channel.SilenceAfter);
        if (channels.Count == 0)
            Await(org.Org);
    }

    /// <summary>Where not even the sign-in works nothing is watched yet; the streams are due all the same.</summary>
    private void Await(string name)
    {
        if (orgs.FirstOrDefault(o => o.Name == name) is not { } org)
            return;
        if (!_due.TryGetValue(name, out var since))
            _due[name] = since = time.GetTimestamp();
        foreach (var channel in org.Channels)
            health.Heard(name, channel, time.GetElapsedTime(since), org.SilenceAfter);
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
