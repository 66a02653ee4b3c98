using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

/// <summary>A fresh database with the control schema, a connection as the worker opens it, and writers on it.</summary>
internal sealed class RowsDatabase : IAsyncDisposable
{
    public const int Single = int.MaxValue;
    public const int Staged = 1;

    public static readonly DateTimeOffset AppliedAt = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private readonly NpgsqlDataSource _source;

    private RowsDatabase(NpgsqlDataSource source, NpgsqlConnection connection) => (_source, Connection) = (source, connection);

    public NpgsqlConnection Connection { get; }

    public static async Task<RowsDatabase> OpenAsync()
    {
        var connectionString = await PostgresFixture.CreateDatabaseAsync();
        await Migrations.ApplyAsync(connectionString, NullLogger.Instance, CancellationToken.None);
        var source = Postgres.Open(connectionString);
        var connection = await source.OpenConnectionAsync();
        var database = new RowsDatabase(source, connection);
        await database.RunAsync(RowWriter.SessionSettings);
        return database;
    }

    public static RowWriter Writer(int stagedFrom = RowWriter.DefaultStagedFrom, string org = "acme", ObjectRule? rule = null) =>
        new(org, org, _ => rule ?? ObjectRule.All, NullLogger.Instance, stagedFrom);

    public Task<NpgsqlConnection> OpenAnotherAsync() => _source.OpenConnectionAsync().AsTask();

    /// <summary>Writes the changes in a transaction of their own and commits.</summary>
    public async Task<WriteOutcome> WriteAsync(RowWriter writer, params IReadOnlyList<NumberedChange> changes)
    {
        await using var transaction = await Connection.BeginTransactionAsync();
        var outcome = await writer.WriteAsync(Connection, changes, AppliedAt, CancellationToken.None);
        await transaction.CommitAsync();
        return outcome;
    }

    /// <summary>Every row of a table by id, each value as Postgres prints it.</summary>
    public async Task<Dictionary<string, Dictionary<string, string?>>> RowsAsync(string table, string schema = "acme")
    {
        var columns = await ListAsync($"select attname::text from pg_attribute where attrelid = '{schema}.\"{table}\"'::regclass and attnum > 0 and not attisdropped");
        var rows = new Dictionary<string, Dictionary<string, string?>>();
        // An object takes 100 arguments, so wide rows come in parts.
        var parts = string.Join(" || ", columns.Chunk(40).Select(chunk => $"jsonb_build_object({string.Join(", ", chunk.Select(c => $"'{c}', \"{c}\"::text"))})"));
        foreach (var row in await ListAsync($"select ({parts})::text from {schema}.\"{table}\" order by id"))
        {
            var values = JsonSerializer.Deserialize<Dictionary<string, string?>>(row)!;
            rows.Add(values["id"]!, values);
        }
        return rows;
    }

    public async Task<Dictionary<string, string?>> RowAsync(string table, string id, string schema = "acme") => (await RowsAsync(table, schema))[id];

    public async Task<List<string>> ListAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, Connection);
        await using var reader = await command.ExecuteReaderAsync();
        var list = new List<string>();
        while (await reader.ReadAsync())
            list.Add(reader.GetString(0));
        return list;
    }

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, Connection);
        return await command.ExecuteScalarAsync();
    }

    public async Task RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, Connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _source.DisposeAsync();
    }
}
