using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceSync.Store;

/// <summary>
/// Counts the events an org delivered to us, those delivered again too: each is billed. Counted in memory and written every few seconds, so a process that
/// is shot forgets seconds of it. Warns once each time the day's allowance is nearly used up. Counting is safe for many threads.
/// </summary>
/// <param name="allowance">Events in 24 hours.</param>
internal sealed class DeliveredEvents(NpgsqlDataSource source, string org, int allowance, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    /// <summary>Percent of the allowance at which is warned.</summary>
    private static readonly int[] Levels = [70, 90];

    /// <summary>Percent the count must fall below a level before crossing it is news again.</summary>
    private const int Hysteresis = 5;

    private const string Add = """
        insert into salesforce_sync.delivered as d (org, hour, events) values ($1, date_trunc('hour', clock_timestamp()), $2)
        on conflict (org, hour) do update set events = d.events + excluded.events
        """;

    private const string Forget = "delete from salesforce_sync.delivered where org = $1 and hour < clock_timestamp() - interval '40 days'";

    private const string Hours = """
        select hour, events, clock_timestamp() from salesforce_sync.delivered where org = $1 and hour > clock_timestamp() - interval '25 hours'
        """;

    private long _counted;
    private int _level;

    public void Count(int events) => Interlocked.Add(ref _counted, events);

    /// <summary>Writes until told to stop, and once more then.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await WriteAsync(stop);
                await Task.Delay(Interval, time, stop);
            }
        }
        finally
        {
            await WriteOnceMoreAsync();
        }
    }

    /// <summary>Writes what has been counted since the last time, and warns where the allowance is nearly used up.</summary>
    public async Task WriteAsync(CancellationToken stop)
    {
        var counted = Interlocked.Read(ref _counted);
        if (counted == 0)
            return;
        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(new(Add) { Parameters = { new() { Value = org }, new() { Value = counted } } });
        batch.BatchCommands.Add(new(Forget) { Parameters = { new() { Value = org } } });
        await batch.ExecuteNonQueryAsync(stop);
        Interlocked.Add(ref _counted, -counted);
        Warn(await ReadAsync(source, org, stop));
    }

    private async Task WriteOnceMoreAsync()
    {
        using var hurry = new CancellationTokenSource(Farewell, time);
        try
        {
            await WriteAsync(hurry.Token);
        }
        catch (Exception gone) when (gone is NpgsqlException or OperationCanceledException)
        {
            // The database is what made us stop, or goes with us: a few seconds of the count are forgotten, as when we are shot.
        }
    }

    /// <summary>What the last 24 hours come to, as it is written.</summary>
    public static async Task<DeliveredWindow> ReadAsync(NpgsqlDataSource source, string org, CancellationToken stop)
    {
        await using var hours = source.CreateCommand(Hours);
        hours.Parameters.Add(new() { Value = org });
        await using var reader = await hours.ExecuteReaderAsync(stop);
        var rows = new List<DeliveredHour>();
        var now = DateTimeOffset.UnixEpoch;
        while (await reader.ReadAsync(stop))
        {
            rows.Add(new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetInt64(1)));
            now = reader.GetFieldValue<DateTimeOffset>(2);
        }
        return DeliveredWindow.Of(rows, now);
    }

    private void Warn(DeliveredWindow window)
    {
        var percent = window.Last24Hours * 100 / allowance;
        var crossed = Levels.Count(level => percent >= level);
        if (crossed > _level)
            logger.AllowanceNearlyUsed(org, window.Last24Hours, percent, allowance, window.Forecast);
        // A count that hovers around a level has crossed it once.
        _level = Math.Max(crossed, Math.Min(_level, Levels.Count(level => percent >= level - Hysteresis)));
    }
}
