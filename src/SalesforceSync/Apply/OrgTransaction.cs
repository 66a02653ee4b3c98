using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// A Postgres transaction that holds the org's row (rule A1): nobody else writes the org until it ends. What is not committed is rolled back by disposing.
/// </summary>
internal sealed class OrgTransaction : IAsyncDisposable
{
    private const string Lock = "select apply_number, reading, table_changes from salesforce_sync.org where name = $1 and epoch = $2 and owner = $3 for update";

    private const string TakeNumber = """
        update salesforce_sync.org set apply_number = apply_number + 1 where name = $1 and epoch = $2 and owner = $3
        returning apply_number - 1, reading, table_changes
        """;

    private readonly NpgsqlTransaction _transaction;

    private OrgTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, TakenNumbers org) =>
        (Connection, _transaction, Org) = (connection, transaction, org);

    public NpgsqlConnection Connection { get; }

    /// <summary>What the org's row says.</summary>
    public TakenNumbers Org { get; }

    /// <param name="takesNumber">Takes one apply number: <see cref="TakenNumbers.Last"/> + 1.</param>
    /// <param name="settings">A statement that comes first.</param>
    /// <exception cref="OwnershipLostException">Another process owns the org.</exception>
    public static async Task<OrgTransaction> BeginAsync(NpgsqlDataSource source, Ownership ownership, bool takesNumber, CancellationToken stop, string? settings = null)
    {
        var connection = await source.OpenConnectionAsync(stop);
        NpgsqlTransaction? transaction = null;
        try
        {
            transaction = await connection.BeginTransactionAsync(stop);
            await using var begin = new NpgsqlBatch(connection);
            if (settings is not null)
                begin.BatchCommands.Add(new(settings));
            begin.BatchCommands.Add(new(Guarded(takesNumber ? TakeNumber : Lock))
            {
                Parameters = { Value(ownership.Org, NpgsqlDbType.Text), Value(ownership.Epoch, NpgsqlDbType.Bigint), Value(ownership.Owner, NpgsqlDbType.Uuid) },
            });
            await using var row = await begin.ExecuteReaderAsync(stop);
            if (settings is not null)
                await row.NextResultAsync(stop);
            return await row.ReadAsync(stop)
                ? new(connection, transaction, new(row.GetInt64(0), row.GetFieldValue<string[]>(1), row.GetInt64(2)))
                : throw new OwnershipLostException(ownership, "the org's row");
        }
        catch
        {
            if (transaction is not null)
                await transaction.DisposeAsync();
            await connection.DisposeAsync();
            throw;
        }
    }

    private static string Guarded(string sql) => PlantedBug.Is(PlantedBugs.WriterUnfenced) ? sql.Replace("and epoch = $2 and owner = $3", "", StringComparison.Ordinal) : sql;

    public NpgsqlCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, Connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    /// <summary>Runs a statement; returns the rows it met.</summary>
    public async Task<int> RunAsync(string sql, NpgsqlParameter[] parameters, CancellationToken stop)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Runs statements one after the other, each seeing what those before it did, in one round trip.</summary>
    public async Task RunAllAsync(IEnumerable<OrgStatement> statements, CancellationToken stop)
    {
        await using var batch = OrgStatement.Batch(Connection, statements);
        await batch.ExecuteNonQueryAsync(stop);
    }

    public Task CommitAsync() => _transaction.CommitAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }

    /// <summary>A parameter; null becomes SQL null.</summary>
    public static NpgsqlParameter Value(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}

/// <summary>A statement that needs the org's row to be held, and its parameters in their order.</summary>
internal readonly record struct OrgStatement(string Sql, params NpgsqlParameter[] Parameters)
{
    public static NpgsqlBatch Batch(NpgsqlConnection connection, IEnumerable<OrgStatement> statements)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var (sql, parameters) in statements)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var parameter in parameters)
                command.Parameters.Add(parameter);
            batch.BatchCommands.Add(command);
        }
        return batch;
    }
}
