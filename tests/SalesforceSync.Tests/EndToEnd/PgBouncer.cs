using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A test with PgBouncer: skipped by name where it is not installed, failing there in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PgBouncerFactAttribute : FactAttribute
{
    public PgBouncerFactAttribute() =>
        Skip = PostgresFixture.SkipReason ?? (Repository.IsCi || File.Exists(PgBouncer.Program) ? null : "PgBouncer is not installed; install the package pgbouncer (apt-get install pgbouncer)");
}

/// <summary>A real pooler in front of a database, with a directory and a port of its own. It does not run as root.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    public const string Program = "/usr/sbin/pgbouncer";

    private readonly string _directory = Directory.CreateTempSubdirectory("salesforce-sync-pooler-").FullName;
    private Process? _process;

    /// <param name="mode"><c>transaction</c> or <c>session</c>.</param>
    /// <returns>The pooler, and the connection string that leads through it.</returns>
    public static async Task<(PgBouncer Pooler, string Database)> StartAsync(string database, string mode)
    {
        var pooler = new PgBouncer();
        var direct = new NpgsqlConnectionStringBuilder(database);
        var port = FreePort();
        var configuration = Path.Combine(pooler._directory, "pgbouncer.ini");
        await File.WriteAllTextAsync(configuration, $"""
            [databases]
            * = host={direct.Host} port={direct.Port} user={direct.Username}{(direct.Password is null ? "" : $" password={direct.Password}")}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            """);
        // Where we are root, it is another user.
        using (var chmod = Process.Start("chmod", ["755", pooler._directory]))
            await chmod.WaitForExitAsync();
        var command = LocalPostgresPrograms.Find()!.AsAccount(Program, "-q", configuration);
        pooler._process = Process.Start(command.First(), command.Skip(1))!;
        var through = new NpgsqlConnectionStringBuilder(database) { Host = "127.0.0.1", Port = port }.ConnectionString;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await AnswersAsync(through, deadline.Token))
        {
            pooler._process.HasExited.ShouldBeFalse();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
        return (pooler, through);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<bool> AnswersAsync(string database, CancellationToken stop)
    {
        try
        {
            await using var connection = new NpgsqlConnection($"{database};Pooling=false");
            await connection.OpenAsync(stop);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
