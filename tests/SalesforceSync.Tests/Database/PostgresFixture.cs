using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Database;

/// <summary>
/// One Postgres server for all tests of a run, started by the first that asks, so that test classes run in parallel. It ends with the process.
/// SYNC_TEST_DB, a connection string of a role that may create databases, takes its place.
/// </summary>
internal static class PostgresFixture
{
    // Hundreds of small databases that live for seconds: looking after them costs more than they would gain.
    private static readonly Dictionary<string, string> Settings = new() { ["autovacuum"] = "off", ["checkpoint_timeout"] = "1h", ["max_wal_size"] = "2GB", ["wal_level"] = "minimal", ["max_wal_senders"] = "0" };

    private static readonly Lazy<Task<LocalPostgres>> Private = new(() =>
        LocalPostgres.StartAsync(new LocalPostgresOptions { Durable = false, MaxConnections = 400, Settings = Settings, Within = Memory() ?? Path.GetTempPath() }, TimeProvider.System, CancellationToken.None));

    // Every test that starts a worker would apply all migrations to its database first.
    private static readonly Lazy<Task<string>> Migrated = new(async () =>
    {
        var name = $"{Run}_migrated";
        var database = new NpgsqlConnectionStringBuilder(await MakeAsync(name, "template1")) { Pooling = false }.ConnectionString;
        await Migrations.ApplyAsync(database, NullLogger.Instance, CancellationToken.None);
        return name;
    });

    private const long RoomForAll = 12L << 30;

    private static readonly string? Given = Environment.GetEnvironmentVariable("SYNC_TEST_DB") is { Length: > 0 } given ? given : null;

    private static readonly string Run = $"sync_test_{Guid.NewGuid():N}"[..20];

    private static readonly ConcurrentQueue<string> Made = new();

    private static int _databases;

    /// <summary>Why tests with Postgres cannot run here; null when they can, and in CI, where they fail instead.</summary>
    public static string? SkipReason { get; } =
        Given is null && LocalPostgresPrograms.Find() is null && !Repository.IsCi ? LocalPostgresPrograms.NotInstalled : null;

    /// <summary>As <see cref="CreateEmptyDatabaseAsync"/>, for tests that are nothing but statements: without TCP, and planned once.</summary>
    public static async Task<string> CreateNearDatabaseAsync()
    {
        var near = new NpgsqlConnectionStringBuilder(await CreateEmptyDatabaseAsync()) { Options = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off" };
        if (Given is null) near.Host = (await Private.Value).Directory;
        return near.ConnectionString;
    }

    /// <summary>The connection string of a fresh database that no other test uses, with all migrations applied.</summary>
    public static async Task<string> CreateDatabaseAsync() => await CreateAsync(await Migrated.Value);

    /// <summary>As <see cref="CreateDatabaseAsync"/>, before the first migration.</summary>
    public static Task<string> CreateEmptyDatabaseAsync() => CreateAsync("template1");

    private static async Task<string> CreateAsync(string template)
    {
        var name = $"{Run}_{Interlocked.Increment(ref _databases)}";
        Made.Enqueue(name);
        return Frugal(await MakeAsync(name, template));
    }

    private static async Task<string> MakeAsync(string name, string template)
    {
        if (Given is null) return await (await Private.Value).CreateDatabaseAsync(name, CancellationToken.None, template);
        await AdminAsync($"create database {name} template {template}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => AdminAsync($"drop database if exists {name} with (force)").GetAwaiter().GetResult();
        return new NpgsqlConnectionStringBuilder(Given) { Database = name }.ConnectionString;
    }

    /// <summary>A directory that is in memory and has room for all of it, or null: hundreds of databases are some hundred thousand files.</summary>
    private static string? Memory() => Directory.Exists("/dev/shm") && new DriveInfo("/dev/shm").AvailableFreeSpace > RoomForAll ? "/dev/shm" : null;

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
