using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Masks;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Explain;

/// <summary>One thing that happened to a record.</summary>
/// <param name="At">Salesforce's time of an event, ours of everything else; null where nobody noted it.</param>
/// <param name="What">event, read, touch, repair, waits, row.</param>
/// <param name="Number">The number it was received under, or its apply number.</param>
internal sealed record LifeEntry(DateTimeOffset? At, string What, long? Number, IReadOnlyDictionary<string, string?> Details);

/// <summary>
/// The life of one record from the database alone: stored events of its object, decoded one after the other, what readings and repairs did, and its row.
/// Holds what concerns the record and nothing else.
/// </summary>
/// <param name="values">Values too; otherwise only the names of fields.</param>
/// <param name="masks">What stands in the place of values, also of those that were stored before; null: nothing does.</param>
internal sealed class RecordLife(NpgsqlDataSource source, string org, string schema, bool values, OrgMasks? masks = null)
{
    private const string ObjectOf = """
        select object from salesforce_sync.object where org = $1 and key_prefix = left($2, 3)
        union all select distinct object from salesforce_sync.field where org = $1
        """;

    private const string Prefixed = "select object from salesforce_sync.object where org = $1 and key_prefix = left($2, 3)";

    private const string Schemas = "select schema_id, json from salesforce_sync.avro_schema";

    private const string Events = """
        select channel, event, replay_id, event_id, schema_id, payload, received_at from salesforce_sync.event
        where org = $1 and schema_id = any($2) order by channel, event
        """;

    // Numbers are given in the order of the list; a negative one was used up and nothing written.
    private const string Applied = """
        select i.channel, abs(e.event), i.first + e.place - 1, e.event > 0 from salesforce_sync.input i, unnest(i.events) with ordinality as e (event, place)
        where i.org = $1 and abs(e.event) = any($2)
        """;

    private const string Others = """
        select r.closed_at, 'read', w.number, jsonb_build_object('reading', r.id, 'kind', r.kind, 'reason', r.reason, 'becomes', w.becomes, 'columns', w.columns, 'began', r.began_at)
            from salesforce_sync.read_row w left join salesforce_sync.input i on i.org = w.org and i.first = w.number left join salesforce_sync.read r on r.id = i.read
            where w.org = $1 and w.record_id = $2
        union all select p.opened_at, 'repair', p.event, jsonb_build_object('reason', p.reason, 'state', p.state, 'tries', p.tries, 'closed', p.closed_at, 'message', p.message)
            from salesforce_sync.repair p where p.org = $1 and p.record_id = $2
        union all select t.commit_at, 'touch', t.event, jsonb_build_object('read', t.read, 'columns', t.columns, 'existence', t.existence)
            from salesforce_sync.touch t where t.org = $1 and t.record_id = $2
        union all select null, 'waits', d.event, jsonb_build_object('column', d."column", 'why', 'a text difference fits to nothing')
            from salesforce_sync.pending_diff d where d.org = $1 and d.record_id = $2
        """;

    private const string Parked = "select at, reason, state from salesforce_sync.quarantine where org = $1 and channel = $2 and event = $3 order by id desc limit 1";

    private readonly EventMasking _masking = new(masks ?? OrgMasks.None);

    /// <summary>The id in 18 characters; null when it is none.</summary>
    public static string? IdOf(string text) =>
        text.Length is 15 or 18 && text.All(char.IsAscii) ? RecordId.Of(Encoding.ASCII.GetBytes(text)) : null;

    public async Task<(string? Object, IReadOnlyList<LifeEntry> Entries)> ReadAsync(string recordId, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var found = await ObjectAsync(connection, recordId, stop);
        var entries = new List<LifeEntry>();
        entries.AddRange(await EventsAsync(connection, found.Object, recordId, stop));
        entries.AddRange(await OthersAsync(connection, recordId, stop));
        entries.Sort((a, b) => Nullable.Compare(a.At, b.At));
        if (found.Row is { } row)
            entries.Add(new(null, "row", null, row));
        return (found.Object, entries);
    }

    private async Task<(string? Object, IReadOnlyDictionary<string, string?>? Row)> ObjectAsync(NpgsqlConnection connection, string recordId, CancellationToken stop)
    {
        var candidates = new List<string>();
        await using (var command = Command(connection, ObjectOf, Text(org), Text(recordId)))
        await using (var row = await command.ExecuteReaderAsync(stop))
        {
            while (await row.ReadAsync(stop))
                candidates.Add(row.GetString(0));
        }
        foreach (var candidate in candidates.Distinct())
        {
            if (await RowAsync(connection, candidate, recordId, stop) is { } found)
                return (candidate, found);
        }
        await using var prefixed = Command(connection, Prefixed, Text(org), Text(recordId));
        return (await prefixed.ExecuteScalarAsync(stop) as string, null);
    }

    private async Task<IReadOnlyDictionary<string, string?>?> RowAsync(NpgsqlConnection connection, string objectName, string recordId, CancellationToken stop)
    {
        var table = Sql.Quote(schema, PostgresName.Of(objectName));
        await using (var exists = Command(connection, "select to_regclass($1) is not null", Text(table)))
        {
            if (await exists.ExecuteScalarAsync(stop) is not true)
                return null;
        }
        await using var command = Command(
            connection, $"select key, left(value, {ShownValue.Most}) from jsonb_each_text((select to_jsonb(t) from {table} t where id = $1)) where $2 or key like '\\_sync\\_%' order by key",
            Text(recordId), new() { Value = values, NpgsqlDbType = NpgsqlDbType.Boolean });
        await using var row = await command.ExecuteReaderAsync(stop);
        var columns = new Dictionary<string, string?>(StringComparer.Ordinal);
        while (await row.ReadAsync(stop))
            columns.Add(row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1));
        return columns.Count == 0 ? null : columns;
    }

    private async Task<IReadOnlyList<LifeEntry>> EventsAsync(NpgsqlConnection connection, string? objectName, string recordId, CancellationToken stop)
    {
        var schemas = await SchemasAsync(connection, objectName, stop);
        var found = new List<(string Channel, StoredEvent Stored, ChangeEventHeader Header, ChangeEvent? Change)>();
        await using (var command = Command(
            connection, Events, Text(org), new() { Value = schemas.Keys.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }))
        {
            command.CommandTimeout = 0;
            await using var row = await command.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
            {
                var stored = new StoredEvent(
                    row.GetInt64(1), new ReplayId(row.GetFieldValue<byte[]>(2)), row.GetString(3), row.GetString(4), row.GetFieldValue<byte[]>(5),
                    row.GetFieldValue<DateTimeOffset>(6));
                var (eventSchema, json) = schemas[stored.SchemaId];
                if (Header(eventSchema, stored) is { } header && Concerns(header, objectName, recordId))
                    found.Add((row.GetString(0), stored, header, eventSchema is null ? null : Change(eventSchema, json, stored, header)));
            }
        }
        var applied = await AppliedAsync(connection, [.. found.Select(f => f.Stored.Number)], stop);
        var entries = new List<LifeEntry>();
        foreach (var (channel, stored, header, change) in found)
        {
            var details = Details(channel, stored, header, change);
            details["applied as"] = applied.TryGetValue((channel, stored.Number), out var number)
                ? number.IsWritten ? $"{number.Number}" : $"{number.Number}, nothing written" : "not yet, or too long ago";
            if (!header.IsGap && !number.IsWritten)
                details["quarantine"] = await ParkedAsync(connection, channel, stored.Number, stop);
            entries.Add(new(DateTimeOffset.FromUnixTimeMilliseconds(header.CommitTimestamp), "event", stored.Number, details));
        }
        return entries;
    }

    private Dictionary<string, string?> Details(string channel, StoredEvent stored, ChangeEventHeader header, ChangeEvent? change)
    {
        var details = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["change"] = header.ChangeType,
            ["channel"] = channel,
            ["replay id"] = stored.ReplayId.ToString(),
            ["transaction"] = header.TransactionKey,
            ["sequence"] = header.SequenceNumber.ToString(CultureInfo.InvariantCulture),
            ["received"] = stored.ReceivedAt.ToString("O", CultureInfo.InvariantCulture),
            ["schema"] = stored.SchemaId,
            ["fields"] = change is null ? null : string.Join(", ", change.Writes.Select(w => w.IsDiff ? $"{w.Field.ApiName} (difference)" : w.Field.ApiName)),
        };
        if (values && change is not null)
        {
            foreach (var write in change.Writes)
                details[$"= {write.Field.ApiName}"] = ShownValue.Of(write);
        }
        return details;
    }

    private static bool Concerns(ChangeEventHeader header, string? objectName, string recordId) =>
        header.RecordIds.Contains(recordId, StringComparer.Ordinal)
        || header.RecordIds.Any(id => id.EndsWith('*') && recordId.StartsWith(id[..^1], StringComparison.Ordinal))
        || (header.Kind == ChangeKind.GapOverflow && header.EntityName == objectName);

    private static ChangeEventHeader? Header(EventSchema? schema, StoredEvent stored)
    {
        try
        {
            return schema is null ? WithheldEvent.Read(stored.Payload).Header : schema.DecodeHeader(stored.Payload);
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    private ChangeEvent? Change(EventSchema schema, string json, StoredEvent stored, ChangeEventHeader header)
    {
        try
        {
            return _masking.Of(schema, json, header.EntityName) is { } masked ? masked.Compiled.Decode(masked.Mask(stored.Payload)) : schema.Decode(stored.Payload);
        }
        catch (Exception unreadable) when (unreadable is DecodeException or SchemaException)
        {
            return null;
        }
    }

    /// <summary>By id; null of what is withheld.</summary>
    private static async Task<Dictionary<string, (EventSchema? Schema, string Json)>> SchemasAsync(NpgsqlConnection connection, string? objectName, CancellationToken stop)
    {
        var schemas = new Dictionary<string, (EventSchema?, string)>(StringComparer.Ordinal);
        await using var command = Command(connection, Schemas);
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            if (WithheldEvent.Is(row.GetString(0)))
            {
                schemas.Add(row.GetString(0), (null, row.GetString(1)));
                continue;
            }
            try
            {
                var schema = EventSchema.Compile(row.GetString(0), row.GetString(1));
                if (objectName is null || schema.EntityName == schema.RecordName || schema.EntityName.Equals(objectName, StringComparison.OrdinalIgnoreCase))
                    schemas.Add(schema.SchemaId, (schema, row.GetString(1)));
            }
            catch (SchemaException)
            {
                // Its events were parked; quarantine tells of them.
            }
        }
        return schemas;
    }

    private async Task<Dictionary<(string, long), (long Number, bool IsWritten)>> AppliedAsync(NpgsqlConnection connection, long[] events, CancellationToken stop)
    {
        var applied = new Dictionary<(string, long), (long, bool)>();
        if (events.Length == 0)
            return applied;
        await using var command = Command(connection, Applied, Text(org), new() { Value = events, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        command.CommandTimeout = 0;
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            applied[(row.GetString(0), row.GetInt64(1))] = (row.GetInt64(2), row.GetBoolean(3));
        return applied;
    }

    private async Task<string?> ParkedAsync(NpgsqlConnection connection, string channel, long number, CancellationToken stop)
    {
        await using var command = Command(connection, Parked, Text(org), Text(channel), new() { Value = number, NpgsqlDbType = NpgsqlDbType.Bigint });
        await using var row = await command.ExecuteReaderAsync(stop);
        return await row.ReadAsync(stop) ? $"{row.GetString(2)}: {row.GetString(1)}" : null;
    }

    private async Task<IReadOnlyList<LifeEntry>> OthersAsync(NpgsqlConnection connection, string recordId, CancellationToken stop)
    {
        var entries = new List<LifeEntry>();
        await using var command = Command(connection, $"select o.at, o.what, o.number, o.details::text from ({Others}) o (at, what, number, details)", Text(org), Text(recordId));
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            entries.Add(new(
                row.IsDBNull(0) ? null : row.GetFieldValue<DateTimeOffset>(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt64(2), Flat(row.GetString(3))));
        }
        return entries;
    }

    private Dictionary<string, string?> Flat(string json)
    {
        var flat = new Dictionary<string, string?>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(json);
        foreach (var part in document.RootElement.EnumerateObject())
        {
            flat[part.Name] = part.Value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.Object when !values => string.Join(", ", part.Value.EnumerateObject().Select(c => c.Name)),
                _ => part.Value.ToString(),
            };
        }
        return flat;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
