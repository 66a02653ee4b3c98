using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Store;

/// <summary>
/// The daily partitions of <c>salesforce_sync.event</c>: made a week ahead, dropped when older than the retention and needed by nobody. There is no default
/// partition: an event that fits nowhere is an error, never lost sight of.
/// </summary>
internal sealed class EventPartitions(NpgsqlDataSource source, TimeProvider time, ILogger logger)
{
    private const int DaysAhead = 7;

    private const long LockKey = 0x5f5_fc_e_7e47;

    private const string Prefix = "event_";

    private const string Existing = """
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'salesforce_sync.event'::regclass
        """;

    private const string ClearClosed = """
        update salesforce_sync.quarantine set payload = null where state <> 'open' and payload is not null and coalesce(closed_at, at) < $1
        """;

    /// <summary>Makes the partitions from yesterday to a week from now; does nothing, and takes no lock, when they are there.</summary>
    public async Task EnsureAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var existing = await ExistingAsync(connection, stop);
        var missing = Enumerable.Range(-1, DaysAhead + 2).Select(today.AddDays).Where(day => !existing.Contains(day)).ToList();
        if (missing.Count == 0)
            return;
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await LockAsync(connection, stop);
        foreach (var day in missing)
        {
            await RunAsync(
                connection,
                $"create table if not exists salesforce_sync.{Prefix}{Name(day)} partition of salesforce_sync.event for values from ('{Date(day)} 00:00:00+00') to ('{Date(day.AddDays(1))} 00:00:00+00')",
                stop);
        }
        await transaction.CommitAsync(CancellationToken.None);
    }

    /// <summary>
    /// Drops what is older than the retention, unless it holds an event beyond an applied position, an event at or after one that an open repair or
    /// quarantine row names, an event of a channel without an applied position, or one after the kept copy of an object of its channel (rule B8). The bytes of
    /// quarantine rows that were closed so long ago go too; the rows stay.
    /// </summary>
    public async Task DropOldAsync(TimeSpan retention, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var kept = time.GetUtcNow() - retention;
        await ClearClosedAsync(connection, kept, stop);
        var oldest = DateOnly.FromDateTime(kept.UtcDateTime);
        foreach (var day in (await ExistingAsync(connection, stop)).Where(day => day < oldest).Order())
        {
            if (await IsNeededAsync(connection, day, stop) && !PlantedBug.Is(PlantedBugs.NeededEventsDropped))
                continue;
            await RunAsync(connection, $"drop table salesforce_sync.{Prefix}{Name(day)}", stop);
            logger.PartitionDropped(Name(day));
        }
    }

    private static async Task ClearClosedAsync(NpgsqlConnection connection, DateTimeOffset before, CancellationToken stop)
    {
        await using var clear = new NpgsqlCommand(ClearClosed, connection) { Parameters = { new() { Value = before.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz } } };
        await clear.ExecuteNonQueryAsync(stop);
    }

    private static async Task<bool> IsNeededAsync(NpgsqlConnection connection, DateOnly day, CancellationToken stop)
    {
        var sql = $"""
            with newest as (select org, channel, max(event) as event from salesforce_sync.{Prefix}{Name(day)} group by org, channel)
            select exists (
                select from newest n left join salesforce_sync.cursor c on c.org = n.org and c.channel = n.channel and c.stage = 'applied'
                where c.event is null or c.event < n.event
                   or exists (select from salesforce_sync.repair r where r.org = n.org and r.state = 'open' and r.event <= n.event)
                   or exists (select from salesforce_sync.quarantine q where q.org = n.org and q.channel = n.channel and q.state = 'open' and q.event <= n.event)
                   or exists (
                       select from salesforce_sync.object o left join salesforce_sync.image i on i.org = o.org and i.object = o.object
                       where o.org = n.org and o.channel = n.channel and coalesce(i.event, 0) < n.event))
            """;
        await using var needed = new NpgsqlCommand(sql, connection);
        return await needed.ExecuteScalarAsync(stop) is true;
    }

    private static async Task<HashSet<DateOnly>> ExistingAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var days = new HashSet<DateOnly>();
        await using var command = new NpgsqlCommand(Existing, connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            var name = reader.GetString(0);
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && DateOnly.TryParseExact(name.AsSpan(Prefix.Length), "yyyyMMdd", out var day))
                days.Add(day);
        }
        return days;
    }

    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var take = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection) { Parameters = { new() { Value = LockKey, NpgsqlDbType = NpgsqlDbType.Bigint } } };
        await take.ExecuteNonQueryAsync(stop);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }

    private static string Name(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string Date(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
