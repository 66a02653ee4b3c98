using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>
/// A Postgres server of one's own and a worker with a role that has no more rights than it needs and a password that is asked for, so that all of it can be taken
/// away. Shared by the tests of a class, one after the other.
/// </summary>
public sealed class RefusingDatabase : IAsyncLifetime
{
    public const string Worker = "worker";

    private const string Password = "first";

    private LocalPostgres? _postgres;
    private ProvenCopy? _copy;

    internal ProvenCopy Copy => _copy!;

    public async Task InitializeAsync()
    {
        if (Tests.Database.PostgresFixture.SkipReason is not null)
            return;
        _postgres = await LocalPostgres.StartAsync(new() { Durable = false }, TimeProvider.System, CancellationToken.None);
        var rules = Path.Combine(_postgres.Directory, "data", "pg_hba.conf");
        await File.WriteAllTextAsync(rules, $"host all {Worker} 127.0.0.1/32 scram-sha-256\n{await File.ReadAllTextAsync(rules)}");
        await using var admin = NpgsqlDataSource.Create(_postgres.ConnectionString("postgres"));
        await ExecuteAsync(admin, "select pg_reload_conf()", $"create role {Worker} login password '{Password}'");
        _copy = await CreateCopyAsync("copy");
    }

    public async Task DisposeAsync()
    {
        if (_copy is not null)
            await _copy.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }

    /// <summary>A copy in a database of its own; its worker is not started.</summary>
    internal async Task<ProvenCopy> CreateCopyAsync(string name)
    {
        var database = await _postgres!.CreateDatabaseAsync(name, CancellationToken.None);
        var copy = await ProvenCopy.CreateAsync(new() { Keepalive = TimeSpan.FromMilliseconds(300) }, database: database);
        copy.Copied.WorkerDatabase = new NpgsqlConnectionStringBuilder(database) { Username = Worker, Password = Password }.ConnectionString;
        await ExecuteAsync(
            copy.Copied.Source, $"grant create, temporary on database {name} to {Worker}", $"grant usage on schema watch to {Worker}", $"grant insert on all tables in schema watch to {Worker}");
        return copy;
    }

    /// <summary>Something happens to the database while the worker writes what comes, and the org goes on.</summary>
    internal static async Task StrikeAsync(ProvenCopy copy, params string[] statements)
    {
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select exists (select from salesforce_sync.cursor)");
        var before = await copy.Copied.ScalarAsync<long>("select transactions from salesforce_sync.org");
        copy.Commit(150);
        await copy.Copied.UntilAsync($"select transactions > {before} from salesforce_sync.org");
        copy.Commit(50);
        await ExecuteAsync(copy.Copied.Source, statements);
        copy.Commit(50);
    }

    /// <summary>One by one: some must not stand beside others.</summary>
    internal static async Task ExecuteAsync(NpgsqlDataSource source, params string[] statements)
    {
        await using var connection = await source.OpenConnectionAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
