using System.Net;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Store;
using SalesforceSync.Tests.Crash;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Chaos;

/// <summary>A database for scripted runs, one after the other: looked at directly, and, as the product does, through a proxy.</summary>
internal sealed class RunLane : IAsyncDisposable
{
    /// <summary>The schema of the tables, which each run finds empty.</summary>
    public const string Tables = "scripted";

    private readonly ChaosProxy _proxy = new(seed: 0, isPostgres: true);

    private RunLane(string database)
    {
        var direct = new NpgsqlConnectionStringBuilder(database);
        _proxy.Target = new IPEndPoint(IPAddress.Loopback, direct.Port);
        Database = database;
        Direct = Postgres.Open(database, "test");
        (direct.Port, direct.SslMode, direct.GssEncryptionMode) = (_proxy.Port, SslMode.Disable, GssEncryptionMode.Disable);
        Proxied = Postgres.Open(direct.ConnectionString);
        Ledger = new(Direct, Tables);
    }

    public string Database { get; }

    /// <summary>For the test.</summary>
    public NpgsqlDataSource Direct { get; }

    /// <summary>For the product.</summary>
    public NpgsqlDataSource Proxied { get; }

    public Ledger Ledger { get; }

    public static async Task<RunLane> CreateAsync()
    {
        var lane = new RunLane(await PostgresFixture.CreateDatabaseAsync());
        await Migrations.ApplyAsync(lane.Direct, Migrations.All, NullLogger.Instance, CancellationToken.None);
        await new EventPartitions(lane.Direct, TimeProvider.System, NullLogger.Instance).EnsureAsync(CancellationToken.None);
        await lane.Ledger.InstallAsync();
        return lane;
    }

    /// <summary>From now on this call fails, and no other but those that a judge may name.</summary>
    public void Expect(NthCall call, Func<Exchange, Fate>? judge = null) => _proxy.Judge = exchange => call.Count(Callee.Database) switch
    {
        Failure.CutBefore => Fate.CutBefore,
        Failure.LoseAnswer => Fate.LoseAnswer,
        _ => judge?.Invoke(exchange) ?? Fate.Pass,
    };

    /// <summary>What a run has left goes.</summary>
    public async Task EmptyAsync()
    {
        _proxy.Judge = null;
        await using var connection = await Direct.OpenConnectionAsync();
        var tables = await connection.ExecuteScalarAsync<string>("select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_catalog.pg_tables where schemaname = @Tables", new { Tables });
        await connection.ExecuteAsync($"{(tables is null ? "" : $"drop table {tables}; ")}truncate watch.ledger, salesforce_sync.avro_schema");
    }

    public async ValueTask DisposeAsync()
    {
        await Proxied.DisposeAsync();
        await Direct.DisposeAsync();
        await _proxy.DisposeAsync();
    }
}
