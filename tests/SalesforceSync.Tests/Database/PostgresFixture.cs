using System.Collections.Concurrent;
using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Tests.Database;

/// <summary>
/// One Postgres server for all tests of a run, started by the first that asks, so that test classes run in parallel. It ends with the process.
/// SYNC_TEST_DB, a connection string of a role that may create databases, takes its place.
/// </summary>
internal static class PostgresFixture
{
    // Hundreds of small databases that live for seconds: looking after them costs more than they would gain.
    private static readonly Dictionary<string, string> Settings = new() { ["autovacuum"] = "off", ["checkpoint_timeout"] = "1h", ["max_wal_size"] = "8GB", ["wal_level"] = "minimal", ["max_wal_senders"] = "0" };

    private static readonly Lazy<Task<LocalPostgres>> Private = new(() =>
        LocalPostgres.StartAsync(new LocalPostgresOptions { Durable = false, MaxConnections = 400, Settings = Settings }, TimeProvider.System, CancellationToken.None));

    private static readonly string? Given = Environment.GetEnvironmentVariable("SYNC_TEST_DB") is { Length: > 0 } given ? given : null;

    private static readonly string Run = $"sync_test_{Guid.NewGuid():N}"[..20];

    private static readonly ConcurrentQueue<string> Made = new();

    private static int _databases;

    /// <summary>Why tests with Postgres cannot run here; null when they can, and in CI, where they fail instead.</summary>
    public static string? SkipReason { get; } =
        Given is null && LocalPostgresPrograms.Find() is null && Environment.GetEnvironmentVariable("CI") is null ? LocalPostgresPrograms.NotInstalled : null;

    /// <summary>As <see cref="CreateDatabaseAsync"/>, for tests that are nothing but statements: without TCP, and planned once.</summary>
    public static async Task<string> CreateNearDatabaseAsync()
    {
        var near = new NpgsqlConnectionStringBuilder(await CreateDatabaseAsync()) { Options = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off" };
        if (Given is null) near.Host = (await Private.Value).Directory;
        return near.ConnectionString;
    }

    /// <summary>The connection string of a fresh, empty database that no other test uses.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        var name = $"{Run}_{Interlocked.Increment(ref _databases)}";
        Made.Enqueue(name);
        if (Given is null) return Frugal(await (await Private.Value).CreateDatabaseAsync(name, CancellationToken.None));
        await AdminAsync($"create database {name}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => AdminAsync($"drop database if exists {name} with (force)").GetAwaiter().GetResult();
        return Frugal(new NpgsqlConnectionStringBuilder(Given) { Database = name }.ConnectionString);
    }

    /// <summary>Drops what was made so far, whoever still uses it: for who makes thousands, one after the other.</summary>
    public static async Task DropDatabasesAsync()
    {
        NpgsqlConnection.ClearAllPools();
        while (Made.TryDequeue(out var name)) await AdminAsync($"drop database if exists {name} with (force)");
    }

    // Every database has its own pool: idle connections of finished tests must not use up the server's.
    private static string Frugal(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 30, ConnectionIdleLifetime = 5, ConnectionPruningInterval = 1 }.ConnectionString;

    private static async Task AdminAsync(string sql)
    {
        await using var admin = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Given ?? (await Private.Value).ConnectionString("postgres")) { Pooling = false }.ConnectionString);
        await admin.OpenAsync();
        await using var command = new NpgsqlCommand(sql, admin);
        await command.ExecuteNonQueryAsync();
    }
}
