using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Store;

/// <summary>
/// The raw events of one channel and the received position, in <c>salesforce_sync.event</c> and <c>cursor</c>. Appending moves the position in the same
/// statement; reading gives events in the order of their numbers. Appending is for the one receive loop of the channel, reading for anybody.
/// </summary>
internal sealed class EventStore(NpgsqlDataSource source, Ownership ownership, string channel)
{
    // One statement, so one round trip and one commit: no cursor moved means no event written.
    private const string Append = """
        with moved as (
            update salesforce_sync.cursor
            set replay_id = $5, event = $6, last_replay_id = $7, idle_replay_id = $8, closed_event = $9, commit_at = $10,
                spoke_at = clock_timestamp(), moved_at = clock_timestamp(), heard_at = clock_timestamp()
            where org = $1 and channel = $2 and stage = 'received' and epoch = $3 and owner = $4 and event = $11
            returning 1),
        stored as (
            insert into salesforce_sync.event (org, channel, event, replay_id, event_id, schema_id, payload, received_at)
            select $1, $2, e.event, e.replay_id, e.event_id, e.schema_id, e.payload, e.received_at
            from moved, unnest($12, $13, $14, $15, $16, $17) as e (event, replay_id, event_id, schema_id, payload, received_at))
        select count(*) from moved
        """;

    private const string Page = """
        select event, replay_id, event_id, schema_id, payload, received_at from salesforce_sync.event
        where org = $1 and channel = $2 and event > $3 and event <= $4 order by event limit $5
        """;

    private const string Some = """
        select event, replay_id, event_id, schema_id, payload, received_at from salesforce_sync.event
        where org = $1 and channel = $2 and event = any($3) and event between $4 and $5
        """;

    private const string Tail = """
        select event, replay_id, event_id, schema_id, payload, received_at from salesforce_sync.event
        where org = $1 and channel = $2 and event <= $3 order by event desc limit $4
        """;

    private const string EventIds = """
        select event_id, count(*)::int from salesforce_sync.event where org = $1 and channel = $2 group by event_id
        """;

    public string Channel => channel;

    /// <summary>Stores the events, which may be none, and moves the received position from one to the next, which may be the same: that the stream was heard is
    /// stored in any case. Durable when it returns.</summary>
    /// <exception cref="OwnershipLostException">Another process owns the org: nothing was written.</exception>
    public async Task AppendAsync(IReadOnlyList<StoredEvent> events, ReceivedPosition from, ReceivedPosition to, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var append = new NpgsqlCommand(Guarded(Append), connection)
        {
            Parameters =
            {
                Text(ownership.Org), Text(channel), Number(ownership.Epoch), new() { Value = ownership.Owner, NpgsqlDbType = NpgsqlDbType.Uuid },
                Id(to.Resume), Number(to.Event), Id(to.Last), Id(to.Idle), Number(to.ClosedEvent),
                new() { Value = (object?)to.CommitAt?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz }, Number(from.Event),
                Array(events, e => e.Number, NpgsqlDbType.Bigint), Array(events, e => e.ReplayId.ToArray(), NpgsqlDbType.Bytea),
                Array(events, e => e.EventId, NpgsqlDbType.Text), Array(events, e => e.SchemaId, NpgsqlDbType.Text),
                Array(events, e => e.Payload, NpgsqlDbType.Bytea), Array(events, e => e.ReceivedAt.UtcDateTime, NpgsqlDbType.TimestampTz),
            },
        };
        // A statement that has left is waited for: half a stop must not become a question about what was stored.
        if ((long)(await append.ExecuteScalarAsync(CancellationToken.None))! != 1)
            throw new OwnershipLostException(ownership, $"the received position of {channel}");
    }

    private static string Guarded(string sql) => PlantedBug.Is(PlantedBugs.StoreUnfenced) ? sql.Replace("and epoch = $3 and owner = $4", "", StringComparison.Ordinal)
        : PlantedBug.Is(PlantedBugs.UnknownWrittenAgain) ? sql.Replace("and event = $11", "", StringComparison.Ordinal) : sql;

    /// <summary>The events after one number, up to and including another, at most <paramref name="limit"/>.</summary>
    public Task<IReadOnlyList<StoredEvent>> ReadAsync(long after, long upTo, int limit, CancellationToken stop) =>
        QueryAsync(Page, [Text(ownership.Org), Text(channel), Number(after), Number(upTo), Number(limit)], stop);

    /// <summary>The events of these numbers, in no order; numbers that are not stored are left out.</summary>
    public Task<IReadOnlyList<StoredEvent>> ReadAsync(long[] numbers, CancellationToken stop) =>
        QueryAsync(
            Some,
            [
                Text(ownership.Org), Text(channel), new() { Value = numbers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                Number(numbers.Min()), Number(numbers.Max()),
            ],
            stop);

    /// <summary>The last events up to a number, oldest first.</summary>
    public async Task<IReadOnlyList<StoredEvent>> ReadTailAsync(long upTo, int limit, CancellationToken stop)
    {
        var tail = await QueryAsync(Tail, [Text(ownership.Org), Text(channel), Number(upTo), Number(limit)], stop);
        return [.. tail.Reverse()];
    }

    /// <summary>
    /// The event ids of everything stored for this channel, and how often: what comes ungrouped, an event for each record, may share one. Asked only when a
    /// position was lost and the stream is read from its beginning.
    /// </summary>
    public async Task<Dictionary<string, int>> ReadEventIdsAsync(CancellationToken stop)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var command = new NpgsqlCommand(EventIds, connection) { Parameters = { Text(ownership.Org), Text(channel) } };
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
            ids.Add(reader.GetString(0), reader.GetInt32(1));
        return ids;
    }

    private async Task<IReadOnlyList<StoredEvent>> QueryAsync(string sql, NpgsqlParameter[] parameters, CancellationToken stop)
    {
        var events = new List<StoredEvent>();
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            events.Add(new(
                reader.GetInt64(0), new ReplayId(reader.GetFieldValue<byte[]>(1)), reader.GetString(2), reader.GetString(3),
                reader.GetFieldValue<byte[]>(4), reader.GetFieldValue<DateTimeOffset>(5)));
        }
        return events;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Number(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter Id(ReplayId id) => new() { Value = id.IsEmpty ? DBNull.Value : id.ToArray(), NpgsqlDbType = NpgsqlDbType.Bytea };

    private static NpgsqlParameter Array<T>(IReadOnlyList<StoredEvent> events, Func<StoredEvent, T> part, NpgsqlDbType type)
    {
        var values = new T[events.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = part(events[i]);
        return new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
