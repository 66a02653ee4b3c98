using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Store;

/// <summary>Where a channel stands when its loops start.</summary>
/// <param name="Lost">The position was lost and the stream has not been caught up with since.</param>
/// <param name="Skips">After that loss the stream goes on with the next event, not with the oldest one kept.</param>
/// <param name="Missing">Why the row cannot be used although this channel was copied before, or null: then the position has to be declared lost.</param>
internal sealed record ChannelStart(ReceivedPosition Received, bool Lost, bool Skips, string? Missing)
{
    /// <summary>The last event that was stored before the loss; 0 where none was.</summary>
    public long LostEvent { get; init; }
}

/// <summary>Makes and reads the two cursor rows of a channel. Positions are those of one org, one endpoint and one channel.</summary>
internal sealed class Cursors(NpgsqlDataSource source, Ownership ownership)
{
    private const string Read = """
        select event, replay_id, last_replay_id, idle_replay_id, closed_event, commit_at, spoke_at, lost, endpoint, coalesce((
            select g.evidence ->> 'start' = 'latest' from salesforce_sync.coverage g
            where g.org = $1 and g.state in ('gap', 'repaired') and g.object is null and g.evidence ->> 'channel' = $2 and g.evidence ? 'start'
            order by g.recorded_at desc limit 1), false), cut_events, lost_event
        from salesforce_sync.cursor where org = $1 and channel = $2 and stage = 'received'
        """;

    private const string Newest = "select coalesce(max(event), 0) from salesforce_sync.event where org = $1 and channel = $2";

    // Where the row was lost with events stored, nobody knows any more what of them belonged to finished transactions.
    private const string Make = """
        insert into salesforce_sync.cursor (org, channel, stage, endpoint, event, closed_event, epoch, owner)
        values ($1, $2, 'received', $3, $4, 0, $5, $6), ($1, $2, 'applied', $3, least($4, $7), 0, $5, $6)
        on conflict (org, channel, stage) do nothing
        """;

    private const string Begin = """
        insert into salesforce_sync.coverage (org, state, from_event, from_at, evidence)
        select $1, 'streamed', 0, clock_timestamp(), jsonb_build_object('channel', $2::text)
        where not exists (select from salesforce_sync.coverage where org = $1 and state = 'streamed' and evidence ->> 'channel' = $2)
        """;

    private const string HighestNumber = """
        select greatest(
            (select coalesce(max(event), 0) from salesforce_sync.cursor where org = $1),
            (select coalesce(max(event), 0) from salesforce_sync.event where org = $1))
        """;

    private const string AppliedEvent = "select event from salesforce_sync.cursor where org = $1 and channel = $2 and stage = 'applied'";

    /// <summary>Reads the channel's position, making its rows when there are none.</summary>
    public async Task<ChannelStart> StartAsync(string channel, string endpoint, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        if (await ReadAsync(connection, channel, endpoint, stop) is { } start && await AppliedAsync(connection, channel, stop) is not null)
            return start;
        await using var newest = new NpgsqlCommand(Newest, connection) { Parameters = { Text(ownership.Org), Text(channel) } };
        var stored = (long)(await newest.ExecuteScalarAsync(stop))!;
        var applied = await AppliedAsync(connection, channel, stop);
        // One transaction: a position that is there says that the rest is, too.
        await using var make = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Make)
                {
                    Parameters =
                    {
                        Text(ownership.Org), Text(channel), Text(endpoint), Number(stored), Number(ownership.Epoch),
                        new() { Value = ownership.Owner, NpgsqlDbType = NpgsqlDbType.Uuid }, Number(applied ?? 0),
                    },
                },
                new(Begin) { Parameters = { Text(ownership.Org), Text(channel) } },
            },
        };
        await make.ExecuteNonQueryAsync(stop);
        var made = (await ReadAsync(connection, channel, endpoint, stop))!;
        return stored > 0 || applied is not null ? made with { Missing = "the row of the position is missing" } : made;
    }

    /// <summary>The highest event number ever given out for the org, so that none is given twice.</summary>
    public async Task<long> HighestNumberAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var highest = new NpgsqlCommand(HighestNumber, connection) { Parameters = { Text(ownership.Org) } };
        return (long)(await highest.ExecuteScalarAsync(stop))!;
    }

    private async Task<long?> AppliedAsync(NpgsqlConnection connection, string channel, CancellationToken stop)
    {
        await using var applied = new NpgsqlCommand(AppliedEvent, connection) { Parameters = { Text(ownership.Org), Text(channel) } };
        return await applied.ExecuteScalarAsync(stop) as long?;
    }

    private async Task<ChannelStart?> ReadAsync(NpgsqlConnection connection, string channel, string endpoint, CancellationToken stop)
    {
        await using var read = new NpgsqlCommand(Read, connection) { Parameters = { Text(ownership.Org), Text(channel) } };
        await using var row = await read.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop))
            return null;
        var position = new ReceivedPosition(row.GetInt64(0), Id(row, 1), Id(row, 2), Id(row, 3), row.GetInt64(4), At(row, 5), At(row, 6), row.GetFieldValue<long[]>(10));
        var foreign = row.GetString(8) != endpoint && !(position.Last.IsEmpty && position.Idle.IsEmpty);
        return new(position, row.GetBoolean(7), row.GetBoolean(9), foreign ? $"the position is one of {row.GetString(8)}" : null) { LostEvent = row.GetInt64(11) };
    }

    private static ReplayId Id(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? default : new ReplayId(row.GetFieldValue<byte[]>(column));

    private static DateTimeOffset? At(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Number(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };
}
