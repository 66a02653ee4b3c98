using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Decode;

namespace SalesforceSync.Rebuild;

/// <summary>
/// The records of one object that stored events told of, noted in a temporary table of the transaction, however many they are. An event that names no
/// record (an overflow) tells of none. Used by one replay, inside its transaction.
/// </summary>
internal sealed class ToldRecords(NpgsqlConnection connection, string org, string objectName, EventsSince since)
{
    private const int EventsPerPage = 5_000;

    private const string Channels = "select channel from salesforce_sync.cursor where org = $1 and stage = 'received' order by 1";

    private const string Page = """
        select event, schema_id, payload from salesforce_sync.event
        where org = $1 and channel = $2 and event > $3 and schema_id = any($4) order by event limit $5
        """;

    private const string Schemas = "select schema_id, json from salesforce_sync.avro_schema";

    private const string Note = "insert into pg_temp.rebuild_told (id) select unnest($1) on conflict do nothing";

    // By id; null: it cannot be compiled, and its events may still say whose they are.
    private readonly Dictionary<string, EventSchema?> _ours = new(StringComparer.Ordinal);
    private readonly HashSet<string> _others = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _read = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>Notes those of the events stored since it was last called; at first all. Returns them when they are asked for.</summary>
    public async Task<IReadOnlyCollection<string>> NoteAsync(bool returns, CancellationToken stop)
    {
        await LookAtSchemasAsync(stop);
        var noted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var channel in since.Channel is { } one ? [one] : await ChannelsAsync(stop))
        {
            while (await PageAsync(channel, stop) is { } ids)
            {
                await using var note = new NpgsqlCommand(Note, connection) { Parameters = { new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text } } };
                Count += await note.ExecuteNonQueryAsync(stop);
                if (returns)
                    noted.UnionWith(ids);
            }
        }
        return noted;
    }

    /// <summary>The records of the next page of events; null when there is none.</summary>
    private async Task<HashSet<string>?> PageAsync(string channel, CancellationToken stop)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var any = false;
        await using var command = new NpgsqlCommand(Page, connection)
        {
            CommandTimeout = 0,
            Parameters =
            {
                Text(org), Text(channel), Bigint(_read.GetValueOrDefault(channel, since.Number - 1)),
                new() { Value = _ours.Keys.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }, Bigint(EventsPerPage),
            },
        };
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            any = true;
            _read[channel] = row.GetInt64(0);
            if (Header(row.GetString(1), row.GetFieldValue<byte[]>(2)) is { } header && header.EntityName == objectName && IsSince(header))
                ids.UnionWith(header.RecordIds);
        }
        return any ? ids : null;
    }

    private bool IsSince(ChangeEventHeader header) => since.CommittedAt is not { } at || header.CommitTimestamp >= at.ToUnixTimeMilliseconds();

    private ChangeEventHeader? Header(string schemaId, byte[] payload)
    {
        try
        {
            return _ours[schemaId] is { } schema ? schema.DecodeHeader(payload) : EventSchema.TryReadUsualHeader(payload);
        }
        catch (DecodeException)
        {
            // It was parked, and nothing of it written.
            return null;
        }
    }

    private async Task LookAtSchemasAsync(CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(Schemas, connection);
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            var id = row.GetString(0);
            if (_ours.ContainsKey(id) || _others.Contains(id))
                continue;
            var schema = Compile(id, row.GetString(1));
            if (schema is null || schema.EntityName == schema.RecordName || schema.EntityName.Equals(objectName, StringComparison.OrdinalIgnoreCase))
                _ours.Add(id, schema);
            else
                _others.Add(id);
        }
    }

    private static EventSchema? Compile(string id, string json)
    {
        try
        {
            return EventSchema.Compile(id, json);
        }
        catch (SchemaException)
        {
            // Its events were parked; their headers can be read all the same.
            return null;
        }
    }

    private async Task<IReadOnlyList<string>> ChannelsAsync(CancellationToken stop)
    {
        var channels = new List<string>();
        await using var command = new NpgsqlCommand(Channels, connection) { Parameters = { Text(org) } };
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            channels.Add(row.GetString(0));
        return channels;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Bigint(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };
}
