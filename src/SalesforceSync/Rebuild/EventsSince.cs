using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Rebuild;

/// <summary>Which stored events count for a replay: all of these are stored.</summary>
/// <param name="Channel">Null: those of every channel.</param>
/// <param name="Number">Received numbers from this on.</param>
/// <param name="CommittedAt">Of them: those Salesforce committed at this time or later; null: all.</param>
internal sealed record EventsSince(string? Channel, long Number, DateTimeOffset? CommittedAt)
{
    private const string Reach = """
        select e.event, e.received_at, n.event from salesforce_sync.cursor c
        cross join lateral (select event, received_at from salesforce_sync.event where org = c.org and channel = c.channel order by event limit 1) e
        cross join lateral (select event from salesforce_sync.event where org = c.org and channel = c.channel order by event desc limit 1) n
        where c.org = $1 and c.stage = 'received'
        """;

    private const string Find = """
        select channel, min(event) from salesforce_sync.event where org = $1 and replay_id = $2 group by channel order by 2 limit 1
        """;

    private const string ChannelOf = "select channel from salesforce_sync.object where org = $1 and object = $2";

    /// <summary>The events from a start on.</summary>
    /// <exception cref="RebuildRefusedException">Not all of them are stored, or nobody knows where it is; the message says how far back they reach.</exception>
    public static async Task<EventsSince> ResolveAsync(NpgsqlDataSource source, string org, ReplayStart start, DateTimeOffset now, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        if (await ReachAsync(connection, org, stop) is not var (oldest, oldestAt, newest))
            throw new RebuildRefusedException($"{org}: no event is stored of it, so none can be replayed: snapshot --object reads an object from Salesforce");
        var reach = string.Create(CultureInfo.InvariantCulture,
            $"stored events reach back to number {oldest}, received {oldestAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}; give --from within them, or make whole tables again with rebuild");
        switch (start)
        {
            case ReplayStart.Received { Number: var number }:
                if (number > newest)
                    throw new RebuildRefusedException($"{org}: no event has the number {number} yet, the newest is {newest}: {reach}");
                return number >= oldest ? new(null, number, null) : throw new RebuildRefusedException($"{org}: event {number} is not stored any more: {reach}");
            case ReplayStart.Position { ReplayId: var replayId }:
                await using (var find = new NpgsqlCommand(Find, connection) { CommandTimeout = 0, Parameters = { Text(org), new() { Value = replayId.ToArray(), NpgsqlDbType = NpgsqlDbType.Bytea } } })
                await using (var row = await find.ExecuteReaderAsync(stop))
                {
                    return await row.ReadAsync(stop) ? new(row.GetString(0), row.GetInt64(1), null)
                        : throw new RebuildRefusedException($"{org}: no stored event has the replay id {replayId}: it is older, or of another org, or of a response without events: {reach}");
                }
            case ReplayStart.Committed { At: var at }:
                if (at > now)
                    throw new RebuildRefusedException($"{org}: {at:O} has not come yet: {reach}");
                // What was received before the oldest one was committed before it was received.
                return at >= oldestAt ? new(null, oldest, at) : throw new RebuildRefusedException($"{org}: not every event committed since {at:O} is stored: {reach}");
            default:
                throw new ArgumentOutOfRangeException(nameof(start));
        }
    }

    /// <summary>Refuses an object whose events come over another channel than these.</summary>
    /// <exception cref="RebuildRefusedException">They do.</exception>
    public async Task RefuseOtherChannelAsync(NpgsqlDataSource source, string org, string objectName, CancellationToken stop)
    {
        await using var command = source.CreateCommand(ChannelOf);
        command.Parameters.Add(Text(org));
        command.Parameters.Add(Text(objectName));
        if (Channel is not null && await command.ExecuteScalarAsync(stop) is string own && own != Channel)
            throw new RebuildRefusedException($"{org}: the replay id is a position of {Channel}, and {objectName} comes over {own}: give a received number or a time");
    }

    private static async Task<(long Oldest, DateTimeOffset OldestAt, long Newest)?> ReachAsync(NpgsqlConnection connection, string org, CancellationToken stop)
    {
        (long Oldest, DateTimeOffset OldestAt, long Newest)? reach = null;
        await using var command = new NpgsqlCommand(Reach, connection) { CommandTimeout = 0, Parameters = { Text(org) } };
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            var (oldest, at, newest) = (row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetInt64(2));
            reach = reach is not { } so ? (oldest, at, newest) : (Math.Min(so.Oldest, oldest), at < so.OldestAt ? at : so.OldestAt, Math.Max(so.Newest, newest));
        }
        return reach;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
