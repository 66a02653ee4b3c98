using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Store;

/// <summary>
/// Avro schemas by schema id, in <c>salesforce_sync.avro_schema</c> and in memory. A schema id never changes its meaning, so what is known is kept for
/// as long as the database is the same: whoever begins anew begins with another store. Safe from several threads.
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
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _fetching = new(StringComparer.Ordinal);

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

    /// <summary>
    /// The schema's JSON, stored when it was not yet: whoever asks for the same while it is fetched waits for that answer. Durable when it returns.
    /// </summary>
    /// <param name="fetch">Asks Salesforce; its failures are the caller's.</param>
    /// <returns>IsNew: it was fetched for this caller.</returns>
    public async Task<(string Json, bool IsNew)> FindOrFetchAsync(string schemaId, Func<string, CancellationToken, Task<string>> fetch, CancellationToken stop)
    {
        if (await FindAsync(schemaId, stop) is { } stored)
            return (stored, false);
        var one = _fetching.GetOrAdd(schemaId, _ => new SemaphoreSlim(1, 1));
        await one.WaitAsync(stop);
        try
        {
            if (_known.TryGetValue(schemaId, out var known))
                return (known, false);
            var json = await fetch(schemaId, stop);
            CrashPoint.Hit(CrashPoints.SchemaBeforeSave);
            await SaveAsync(schemaId, json, stop);
            CrashPoint.Hit(CrashPoints.SchemaAfterSave);
            return (json, true);
        }
        finally
        {
            one.Release();
        }
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
