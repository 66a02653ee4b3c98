using Npgsql;

namespace SalesforceSync.Database;

/// <summary>Opens the data source every part of the worker uses, with the session settings correctness rests on.</summary>
internal static class Postgres
{
    /// <summary>
    /// idle_in_transaction_session_timeout bounds how long a paused owner can hold its locks (lease rule F1); lock_timeout keeps a blocked
    /// change of a table from blocking its readers; jit costs more than it gives on short statements; the rest pins what a server may set otherwise.
    /// </summary>
    private const string SessionSettings = """
        set idle_in_transaction_session_timeout = '5s';
        set lock_timeout = '5s';
        set jit = off;
        set enable_hashjoin = off;
        set enable_mergejoin = off;
        set timezone = 'UTC';
        set datestyle = 'ISO, YMD';
        set search_path = pg_catalog;
        set client_min_messages = warning
        """;

    /// <summary>
    /// Connections keep their session between uses (settings, prepared statements, stage tables): nobody else uses this pool.
    /// A name the operator gave in the connection string wins over ours.
    /// </summary>
    /// <param name="session">Further settings of each session.</param>
    public static NpgsqlDataSource Open(string connectionString, string applicationName = "salesforce-sync", string? session = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            NoResetOnClose = true,
            IncludeFailedBatchedCommand = true,
            MaxAutoPrepare = 300,
            AutoPrepareMinUsages = 2,
            TcpKeepAlive = true,
        };
        settings.ApplicationName ??= applicationName;
        if (settings.KeepAlive == 0)
            settings.KeepAlive = 15;
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        var sql = session is null ? SessionSettings : $"{SessionSettings}; {session}";
        builder.UsePhysicalConnectionInitializer(connection => Initialize(connection, sql), connection => InitializeAsync(connection, sql));
        return builder.Build();
    }

    private static void Initialize(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static async Task InitializeAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
