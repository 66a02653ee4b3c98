using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Store;

/// <summary>
/// Avro schemas by schema id, in <c>salesforce_sync.avro_schema</c> and in memory. A schema id never changes its meaning, so what is known is kept for
/// ever and shared by all orgs. Safe from several threads.
/// </summary>
internal sealed class SchemaStore(NpgsqlDataSource source)
{
    private const string Find = "select json from salesforce_sync.avro_schema where schema_id = $1";

    // What is remembered here outlives a crash of the database, so the row has to as well, even where commits are asynchronous.
    private const string Save = """
        with durable as (select set_config('synchronous_commit', 'on', true))
        insert into salesforce_sync.avro_schema (schema_id, json) select $1, $2 from durable on conflict (schema_id) do nothing
        """;

    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>The schema's JSON, or null when it was never stored.</summary>
    public async ValueTask<string?> FindAsync(string schemaId, CancellationToken stop)
    {
        if (_known.TryGetValue(schemaId, out var known))
            return known;
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var find = new NpgsqlCommand(Find, connection) { Parameters = { new() { Value = schemaId, NpgsqlDbType = NpgsqlDbType.Text } } };
        if (await find.ExecuteScalarAsync(stop) is not string json)
            return null;
        return _known.GetOrAdd(schemaId, json);
    }

    /// <summary>Stores a schema as fetched; durable when it returns.</summary>
    public async Task SaveAsync(string schemaId, string json, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var save = new NpgsqlCommand(Save, connection)
        {
            Parameters = { new() { Value = schemaId, NpgsqlDbType = NpgsqlDbType.Text }, new() { Value = json, NpgsqlDbType = NpgsqlDbType.Text } },
        };
        await save.ExecuteNonQueryAsync(stop);
        _known[schemaId] = json;
    }
}
