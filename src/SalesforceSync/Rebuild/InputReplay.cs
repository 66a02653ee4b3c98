using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Rebuild;

/// <summary>
/// Gives the numbered inputs of an org, as far as they concern one object, to the writer again, in the order apply took them. What apply decided then (late
/// events, parked ones, what a reading was worth) stands in the journal and is not decided again. Used by one rebuild, inside its transaction.
/// </summary>
internal sealed class InputReplay(
    NpgsqlConnection connection, string org, string objectName, ShadowTable shadow, RowWriter writer, CompiledSchemas schemas, DateTimeOffset at)
{
    private const int InputsPerPage = 100;

    private const int EventsPerPiece = 1_000;

    private const int MostChanges = 5_000;

    private const string Page = """
        select i.first, i.count, i.channel, i.events, i.partial::text, i.read, r.object, r.kind from salesforce_sync.input i
        left join salesforce_sync.read r on r.id = i.read
        where i.org = $1 and i.first > $2 order by i.first limit $3
        """;

    private const string Events = """
        select event, replay_id, event_id, schema_id, case when schema_id = any($6) then payload end, received_at from salesforce_sync.event
        where org = $1 and channel = $2 and event = any($3) and event between $4 and $5
        """;

    private const string Schemas = "select schema_id, json from salesforce_sync.avro_schema";

    private readonly List<NumberedChange> _changes = [];
    private readonly Dictionary<string, bool> _isOurs = [];

    /// <summary>The last number replayed.</summary>
    public long Number { get; private set; }

    public long EventCount { get; private set; }

    public long PatchCount { get; private set; }

    /// <summary>Records written since this was set; null: they are not noted.</summary>
    public HashSet<string>? Touched { get; set; }

    public async Task StartAsync(long number, CancellationToken stop)
    {
        Number = number;
        await LookAtSchemasAsync(stop);
    }

    /// <summary>Replays a page of what is committed; false when there was nothing.</summary>
    /// <exception cref="RebuildRefusedException">Something is missing.</exception>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        var page = new List<Input>();
        await using (var command = new NpgsqlCommand(Page, connection) { Parameters = { Text(org), Bigint(Number), Bigint(InputsPerPage) } })
        await using (var row = await command.ExecuteReaderAsync(stop))
        {
            while (await row.ReadAsync(stop))
                page.Add(Input.Of(row));
        }
        foreach (var input in page)
        {
            if (input.First != Number + 1)
                throw Missing($"the inputs {Number + 1} to {input.First - 1} are not kept");
            if (input.Read is { } read)
                await PatchAsync(input, read, stop);
            else
                await ReplayAsync(input, stop);
            Number = input.First + input.Count - 1;
        }
        await FlushAsync(stop);
        return page.Count > 0;
    }

    private async Task PatchAsync(Input input, long read, CancellationToken stop)
    {
        if (input.Object is null)
            throw Missing($"reading {read} is not known any more");
        if (input.Object != objectName)
            return;
        if (input.Kind is "snapshot" or "fill")
            throw new RebuildRefusedException(
                $"{org}: rows of {objectName} were read from Salesforce ({input.Kind} {read}) after its last copy was kept: a copy is kept when the reading is done; try again then");
        await FlushAsync(stop);
        if (Touched is not null)
            await NoteTouchedAsync(input.First, stop);
        var (rows, learned) = await shadow.PatchAsync(input.First, stop);
        if (learned)
            writer.Forget();
        PatchCount += rows;
    }

    private async Task NoteTouchedAsync(long number, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("select record_id from salesforce_sync.read_row where org = $1 and object = $2 and number = $3", connection)
        {
            Parameters = { Text(org), Text(objectName), Bigint(number) },
        };
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            Touched!.Add(row.GetString(0));
    }

    private async Task ReplayAsync(Input input, CancellationToken stop)
    {
        for (var from = 0; from < input.Events.Length; from += EventsPerPiece)
        {
            var piece = input.Events.AsMemory(from, Math.Min(EventsPerPiece, input.Events.Length - from));
            var stored = await ReadAsync(input.Channel!, piece, stop);
            for (var i = 0; i < piece.Length; i++)
            {
                var received = piece.Span[i];
                if (received <= 0 || stored.GetValueOrDefault(received) is not { Payload.Length: > 0 } content)
                    continue;
                await AddAsync(input, input.First + from + i, content, stop);
            }
        }
    }

    private async Task AddAsync(Input input, long number, StoredEvent stored, CancellationToken stop)
    {
        var content = await schemas.UnderstandAsync(stored, stop);
        if (content.Change is not { } change)
            throw Missing($"event {stored.Number} cannot be decoded any more ({content.Fault})");
        if (change.Header.EntityName != objectName)
            return;
        if (input.Partial?.GetValueOrDefault(stored.Number) is { } some)
            change = change with { Header = change.Header with { RecordIds = some } };
        Touched?.UnionWith(change.Header.RecordIds);
        _changes.Add(new(number, change, stored.Number));
        EventCount++;
        if (_changes.Count >= MostChanges)
            await FlushAsync(stop);
    }

    private async Task FlushAsync(CancellationToken stop)
    {
        if (_changes.Count == 0)
            return;
        await writer.WriteAsync(connection, _changes, at, stop);
        _changes.Clear();
    }

    private async Task<Dictionary<long, StoredEvent>> ReadAsync(string channel, ReadOnlyMemory<long> piece, CancellationToken stop)
    {
        var wanted = piece.ToArray().Where(e => e > 0).ToArray();
        var stored = new Dictionary<long, StoredEvent>(wanted.Length);
        if (wanted.Length == 0)
            return stored;
        if (await QueryAsync(channel, wanted, stored, stop))
        {
            // A schema that came since the start.
            await LookAtSchemasAsync(stop);
            stored.Clear();
            await QueryAsync(channel, wanted, stored, stop);
        }
        if (stored.Count < wanted.Length)
            throw Missing($"{wanted.Length - stored.Count} of the stored events {wanted.Min()} to {wanted.Max()} of {channel} are gone");
        return stored;
    }

    /// <summary>True when an event has a schema nobody has looked at.</summary>
    private async Task<bool> QueryAsync(string channel, long[] wanted, Dictionary<long, StoredEvent> stored, CancellationToken stop)
    {
        var isNew = false;
        await using var command = new NpgsqlCommand(Events, connection)
        {
            Parameters =
            {
                Text(org), Text(channel), new() { Value = wanted, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint }, Bigint(wanted.Min()), Bigint(wanted.Max()),
                new() { Value = _isOurs.Where(s => s.Value).Select(s => s.Key).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            },
        };
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            isNew |= !_isOurs.ContainsKey(row.GetString(3));
            stored[row.GetInt64(0)] = new(
                row.GetInt64(0), new ReplayId(row.GetFieldValue<byte[]>(1)), row.GetString(2), row.GetString(3),
                row.IsDBNull(4) ? default(ReadOnlyMemory<byte>) : row.GetFieldValue<byte[]>(4), row.GetFieldValue<DateTimeOffset>(5));
        }
        return isNew;
    }

    /// <summary>The schemas whose events may be of the object: all but those that name another.</summary>
    private async Task LookAtSchemasAsync(CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(Schemas, connection);
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            var id = row.GetString(0);
            if (!_isOurs.ContainsKey(id))
                _isOurs.Add(id, IsOurs(id, row.GetString(1)));
        }
    }

    private bool IsOurs(string schemaId, string json)
    {
        try
        {
            var schema = EventSchema.Compile(schemaId, json);
            return schema.EntityName == schema.RecordName || schema.EntityName.Equals(objectName, StringComparison.OrdinalIgnoreCase);
        }
        catch (SchemaException)
        {
            // Its events were parked, so none of them is replayed.
            return false;
        }
    }

    private RebuildRefusedException Missing(string what) =>
        new($"{org}: {objectName} cannot be made again: {what}. Nothing was changed; snapshot --object {objectName} reads it from Salesforce");

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Bigint(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    /// <summary>A row of <c>salesforce_sync.input</c>.</summary>
    private sealed record Input(long First, int Count, string? Channel, long[] Events, Dictionary<long, string[]>? Partial, long? Read, string? Object, string? Kind)
    {
        public static Input Of(NpgsqlDataReader row) => new(
            row.GetInt64(0), row.GetInt32(1), Text(row, 2), row.IsDBNull(3) ? [] : row.GetFieldValue<long[]>(3),
            Text(row, 4) is { } partial ? JsonSerializer.Deserialize<Dictionary<long, string[]>>(partial) : null,
            row.IsDBNull(5) ? null : row.GetInt64(5), Text(row, 6), Text(row, 7));

        private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
    }
}
