using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Assemble;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Masks;

namespace SalesforceSync.Apply;

/// <summary>
/// The rows an apply commit writes beside the data: the org's counters, what is to be repaired, what is parked, the applied position. All run inside the
/// caller's transaction on the caller's connection.
/// </summary>
internal sealed class ControlRows(NpgsqlConnection connection, Ownership ownership, string channel)
{
    // Locks the org's row: nobody else writes this org until we commit, and nobody can take it over unseen.
    private const string TakeNumbers = """
        update salesforce_sync.org set apply_number = apply_number + $4, transactions = transactions + $5
        where name = $1 and epoch = $2 and owner = $3 returning apply_number, reading, table_changes,
            exists (select from salesforce_sync.pending_diff where pending_diff.org = $1)
        """;

    private const string CountTorn = "update salesforce_sync.org set torn = torn + $2 where name = $1";

    private const string QueueRepairs = """
        insert into salesforce_sync.repair (org, object, record_id, reason, event)
        select $1, r.object, r.record_id, r.reason, r.event from unnest($2, $3, $4, $5) as r (object, record_id, reason, event)
        on conflict (org, object, record_id, reason) where state = 'open' do update set event = greatest(repair.event, excluded.event), asked_at = clock_timestamp()
        """;

    private const string Park = """
        insert into salesforce_sync.quarantine (org, channel, event, replay_id, schema_id, object, payload, reason, payload_sha256, header)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb)
        """;

    private const string Parked = """
        select count(*) from salesforce_sync.quarantine where org = $1 and channel = $2 and state = 'open' and event > $3
        """;

    private const string OpenGap = """
        insert into salesforce_sync.coverage (org, object, state, from_event, from_at, evidence) values ($1, $2, 'gap', $3, $4, jsonb_build_object('reason', $5::text))
        """;

    private const string MovePosition = """
        update salesforce_sync.cursor set replay_id = $5, event = $6, interleaved = $7, moved_at = clock_timestamp(),
            commit_at = greatest(commit_at, $8)
        where org = $1 and channel = $2 and stage = 'applied' and epoch = $3 and owner = $4 and event = $9
        """;

    /// <summary>Locks the org, checks that it is ours, and takes as many apply numbers.</summary>
    /// <exception cref="OwnershipLostException">Another process owns the org.</exception>
    public async Task<TakenNumbers> TakeNumbersAsync(int numbers, int transactions, CancellationToken stop)
    {
        await using var take = Command(Guarded(TakeNumbers), Text(ownership.Org), Number(ownership.Epoch), Token(), Number(numbers), Number(transactions));
        await using var row = await take.ExecuteReaderAsync(stop);
        return await row.ReadAsync(stop)
            ? new(row.GetInt64(0) - numbers, row.GetFieldValue<string[]>(1), row.GetInt64(2), row.GetBoolean(3))
            : throw new OwnershipLostException(ownership, "the org's row");
    }

    /// <summary>Counts transactions that were not applied whole; the org's row is locked already.</summary>
    public async Task CountTornAsync(int torn, CancellationToken stop)
    {
        await using var count = Command(CountTorn, Text(ownership.Org), Number(torn));
        await count.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Opens a repair for each, with the number of the last event that asked for it; one that is open already only gets the newer number.</summary>
    public async Task QueueAsync(IReadOnlyDictionary<RepairRequest, long> repairs, CancellationToken stop)
    {
        await using var queue = Command(
            QueueRepairs, Text(ownership.Org), Array(repairs.Keys.Select(r => r.Object)), Array(repairs.Keys.Select(r => r.RecordId)),
            Array(repairs.Keys.Select(r => r.Reason)), new() { Value = repairs.Values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await queue.ExecuteNonQueryAsync(stop);
    }

    /// <param name="keepsPayload">False: of the event its header and a hash are kept, since nobody can tell which values are in it.</param>
    public async Task ParkAsync(TransactionEvent parked, string reason, bool keepsPayload, CancellationToken stop)
    {
        var stored = parked.Stored;
        var hash = WithheldEvent.Is(stored.SchemaId) ? WithheldEvent.Read(stored.Payload).Sha256 : SHA256.HashData(stored.Payload.Span);
        await using var park = Command(
            Park, Text(ownership.Org), Text(channel), Number(parked.Number), Bytes(stored.ReplayId.ToArray()), Text(MaskedSchema.OriginalOf(stored.SchemaId)),
            TextOrNull(parked.Header?.EntityName), new() { Value = keepsPayload ? stored.Payload : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea }, Text(reason),
            Bytes(hash), TextOrNull(parked.Header is { } header ? HeaderJson.Of(header) : null));
        await park.ExecuteNonQueryAsync(stop);
    }

    /// <summary>How many events after a number are parked and unsettled on this channel.</summary>
    public async Task<long> ParkedAfterAsync(long number, CancellationToken stop)
    {
        await using var parked = Command(Parked, Text(ownership.Org), Text(channel), Number(number));
        return (long)(await parked.ExecuteScalarAsync(stop))!;
    }

    public async Task OpenGapAsync(string? entity, long fromEvent, DateTimeOffset? fromAt, string reason, CancellationToken stop)
    {
        await using var open = Command(OpenGap, Text(ownership.Org), TextOrNull(entity), Number(fromEvent), Time(fromAt), Text(reason));
        await open.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Moves the applied position from one event to another, and sends what is still to be written in the same round trip.</summary>
    /// <exception cref="OwnershipLostException">It was not where we left it.</exception>
    public async Task MoveAsync(long from, Transaction last, long to, bool interleaved, DateTimeOffset? commitAt, IReadOnlyList<NpgsqlBatchCommand> before, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in before)
            batch.BatchCommands.Add(command);
        var move = new NpgsqlBatchCommand(Guarded(MovePosition))
        {
            Parameters =
            {
                Text(ownership.Org), Text(channel), Number(ownership.Epoch), Token(), Bytes(last.LastReplayId.ToArray()), Number(to),
                new() { Value = interleaved, NpgsqlDbType = NpgsqlDbType.Boolean }, Time(commitAt), Number(from),
            },
        };
        batch.BatchCommands.Add(move);
        await batch.ExecuteNonQueryAsync(stop);
        if (move.RecordsAffected != 1)
            throw new OwnershipLostException(ownership, $"the applied position of {channel}");
    }

    /// <summary>Sends statements now, before the position is moved: what would take too much memory until then.</summary>
    public async Task SendAsync(IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken stop)
    {
        if (commands.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(stop);
    }

    private static string Guarded(string sql) => PlantedBug.Is(PlantedBugs.WriterUnfenced) ? sql.Replace("and epoch = $3 and owner = $4", "", StringComparison.Ordinal).Replace("and epoch = $2 and owner = $3", "", StringComparison.Ordinal) : sql;

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    private NpgsqlParameter Token() => new() { Value = ownership.Owner, NpgsqlDbType = NpgsqlDbType.Uuid };

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter TextOrNull(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Array(IEnumerable<string?> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Number(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter Bytes(byte[] value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    private static NpgsqlParameter Time(DateTimeOffset? value) => new() { Value = (object?)value?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
