using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Database;

/// <summary>
/// Brings the control schema up to date. Every file is applied once, in the order of its number, all in one transaction under an advisory lock,
/// so that two programs may start at once and a crash leaves nothing half done.
/// </summary>
internal static class Migrations
{
    private const long LockKey = 0x5f5_fc_5f_c0de;

    private const string TakeLock = "select pg_advisory_xact_lock($1)";

    // What a migration makes belongs to the owner of the control schema, whichever of those that may act for it runs the migration. Who may not make schemas cannot
    // migrate.
    private const string ActingFor = """
        select n.nspowner::regrole::text from pg_namespace n
        where n.nspname = 'salesforce_sync' and pg_get_userbyid(n.nspowner) <> current_user and has_database_privilege(n.nspowner, current_database(), 'create')
            and pg_has_role(n.nspowner, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
        """;

    private const string Prepare = """
        create schema if not exists salesforce_sync;
        create table if not exists salesforce_sync.migration (
            number integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())
        """;

    private const string Exists = "select to_regclass('salesforce_sync.migration') is not null";

    private const string HasAudit = "select to_regclass('salesforce_sync.audit') is not null";

    private const string Applied = "select number, name, checksum from salesforce_sync.migration order by number";

    private const string Record = "insert into salesforce_sync.migration (number, name, checksum) values ($1, $2, $3)";

    /// <summary>The files of this program in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = Load();

    /// <summary>Applies what is missing and returns how many files that were.</summary>
    /// <exception cref="MigrationException">The database is newer than the program, or a file differs from the one applied.</exception>
    /// <exception cref="PostgresException">With SqlState 42501 when the role may not: <c>migrate</c> has to be run by one that may.</exception>
    public static async Task<int> ApplyAsync(string connectionString, ILogger logger, CancellationToken stop)
    {
        await using var source = Postgres.Open(connectionString, "salesforce-sync migrate");
        return await ApplyAsync(source, All, logger, stop);
    }

    /// <inheritdoc cref="ApplyAsync(string, ILogger, CancellationToken)"/>
    public static async Task<int> ApplyAsync(NpgsqlDataSource source, IReadOnlyList<Migration> files, ILogger logger, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        // Nothing to do needs no right to do it: a role that only writes rows may start the worker.
        if (await MissingAsync(connection, files, stop) is { Count: 0 })
            return 0;
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await LockAsync(connection, stop);
        await ActForOwnerAsync(connection, stop);
        await RunAsync(connection, Prepare, stop);
        var missing = await MissingAsync(connection, files, stop);
        foreach (var migration in missing)
        {
            await RunAsync(connection, migration.Sql, stop);
            await using var record = new NpgsqlCommand(Record, connection)
            {
                Parameters = { new() { Value = migration.Number }, new() { Value = migration.Name }, new() { Value = migration.Checksum } },
            };
            await record.ExecuteNonQueryAsync(stop);
        }
        if (missing.Count > 0 && await KnowsAuditAsync(connection, stop))
            await Audit.WriteAsync(connection, null, "migrate", null, new { applied = missing.Select(m => $"{m.Number:0000}_{m.Name}") }, stop);
        CrashPoint.Hit(CrashPoints.MigrateBeforeCommit);
        await transaction.CommitAsync(CancellationToken.None);
        CrashPoint.Hit(CrashPoints.MigrateAfterCommit);
        foreach (var migration in missing)
            logger.MigrationApplied(migration.Number, migration.Name);
        return missing.Count;
    }

    /// <summary>Whether the database has every file of this program.</summary>
    /// <inheritdoc cref="ApplyAsync(string, ILogger, CancellationToken)" path="/exception"/>
    public static async Task<bool> AreAppliedAsync(NpgsqlConnection connection, CancellationToken stop) => await MissingAsync(connection, All, stop) is { Count: 0 };

    /// <summary>Until the end of the transaction nobody else migrates, or makes roles.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await RunAsync(connection, "set local lock_timeout = 0", stop);
        await using var take = new NpgsqlCommand(TakeLock, connection) { Parameters = { new() { Value = LockKey } } };
        await take.ExecuteNonQueryAsync(stop);
    }

    private static async Task ActForOwnerAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var ask = new NpgsqlCommand(ActingFor, connection);
        if (await ask.ExecuteScalarAsync(stop) is string quoted)
            await RunAsync(connection, $"set local role {quoted}", stop);
    }

    private static async Task<IReadOnlyList<Migration>> MissingAsync(NpgsqlConnection connection, IReadOnlyList<Migration> files, CancellationToken stop)
    {
        await using (var exists = new NpgsqlCommand(Exists, connection))
        {
            if (!(bool)(await exists.ExecuteScalarAsync(stop))!)
                return files;
        }
        var applied = new Dictionary<int, (string Name, string Checksum)>();
        await using var command = new NpgsqlCommand(Applied, connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
            applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetString(2)));
        Check(applied, files);
        return [.. files.Where(f => !applied.ContainsKey(f.Number))];
    }

    private static async Task<bool> KnowsAuditAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var knows = new NpgsqlCommand(HasAudit, connection);
        return await knows.ExecuteScalarAsync(stop) is true;
    }

    private static void Check(Dictionary<int, (string Name, string Checksum)> applied, IReadOnlyList<Migration> files)
    {
        foreach (var (number, (name, checksum)) in applied)
        {
            var file = files.FirstOrDefault(f => f.Number == number)
                ?? throw new MigrationException($"database: migration {number} {name} is newer than this program: start a program at least as new as the database");
            if (file.Checksum != checksum)
                throw new MigrationException($"database: migration {number} {name} was applied with another text: restore the program's own file or the database's backup");
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }

    private static List<Migration> Load()
    {
        var assembly = typeof(Migrations).Assembly;
        var files = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith("migrations/", StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var text = new StreamReader(stream, Encoding.UTF8);
            var name = Path.GetFileNameWithoutExtension(resource["migrations/".Length..]);
            files.Add(new(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name[5..], text.ReadToEnd()));
        }
        files.Sort((a, b) => a.Number.CompareTo(b.Number));
        return files;
    }
}
