using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace SalesforceSync.Database;

/// <summary>
/// How a server is stopped: <see cref="Fast"/> ends the sessions and writes everything down; <see cref="Immediate"/> is the power failing; <see cref="Killed"/> is
/// the first of its processes shot, and the others find out by themselves.
/// </summary>
internal enum PostgresStop
{
    Fast,
    Immediate,
    Killed,
}

/// <summary>
/// A private Postgres server in a fresh directory, on a free loopback port and a unix socket, for the demo and for tests. UTF8, C locale, anyone on
/// this machine may connect as <c>postgres</c>. Disposing stops it and removes the directory; so does the death of this process, however it dies.
/// </summary>
/// <remarks>Not for concurrent calls of <see cref="StopAsync"/> and <see cref="StartAgainAsync"/>; everything else is safe from any thread.</remarks>
internal sealed class LocalPostgres : IAsyncDisposable
{
    private const int PortAttempts = 5;
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(30);

    // The shell is the server's parent and reads our pipe: a word stops the server, the end of the pipe means that we are gone. A parent-death signal
    // would not do, because it follows the thread that forked, and threads of the pool come and go.
    private const string Watchdog = """
        directory=$1; shift
        exec 3<&0 </dev/null >>"$directory/log" 2>&1
        cd "$directory"
        "$@" 3<&- &
        server=$!
        (
            if read -r word <&3; then
                case $word in Fast) kill -INT $server ;; Killed) kill -KILL $server ;; *) kill -QUIT $server ;; esac
            else
                : >"$directory/orphaned"; kill -QUIT $server
            fi
        ) &
        watcher=$!
        exec 3<&-
        wait $server; code=$?
        kill $watcher
        if [ -e "$directory/orphaned" ]; then cd /; rm -rf "$directory"; fi
        exit $code
        """;

    private readonly LocalPostgresPrograms _programs;
    private readonly LocalPostgresOptions _options;
    private readonly TimeProvider _time;
    private Process? _server;

    private LocalPostgres(LocalPostgresPrograms programs, LocalPostgresOptions options, TimeProvider time)
    {
        (_programs, _options, _time) = (programs, options, time);
        Directory = Path.Combine(options.Within, $"salesforce-sync-{Guid.NewGuid():N}"[..28]);
    }

    /// <summary>Data, socket and log of the server.</summary>
    public string Directory { get; }

    public int Port { get; private set; }

    /// <summary>Where <c>psql</c> and its friends of the same version are.</summary>
    public string ProgramDirectory => _programs.Directory;

    /// <summary>Starts a server and returns when it answers.</summary>
    /// <exception cref="InvalidOperationException">Postgres is not installed, or did not start; the message says why and what to do.</exception>
    public static async Task<LocalPostgres> StartAsync(LocalPostgresOptions options, TimeProvider time, CancellationToken stop)
    {
        var programs = LocalPostgresPrograms.Find() ?? throw new InvalidOperationException(LocalPostgresPrograms.NotInstalled);
        var postgres = new LocalPostgres(programs, options, time);
        try
        {
            await postgres.CreateClusterAsync(stop);
            for (var attempt = 1; ; attempt++)
            {
                postgres.Port = FreePort();
                try
                {
                    await postgres.LaunchAsync(stop);
                    return postgres;
                }
                catch (InvalidOperationException) when (attempt < PortAttempts && postgres.Log().Contains("Address already in use", StringComparison.Ordinal))
                {
                    // Somebody took the port between our asking for a free one and the server's binding it: ask again.
                    File.Delete(postgres.LogFile);
                }
            }
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Database = database,
    }.ConnectionString;

    /// <summary>Makes a database and returns its connection string.</summary>
    /// <param name="template">What it is a copy of; nobody may use that meanwhile. The usual one is empty.</param>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken stop, string template = "template1")
    {
        await using var admin = new NpgsqlConnection(Unpooled("postgres"));
        await admin.OpenAsync(stop);
        await using var create = new NpgsqlCommand($"create database {Sql.Quote(name)} template {Sql.Quote(template)}", admin);
        await create.ExecuteNonQueryAsync(stop);
        return ConnectionString(name);
    }

    /// <summary>Stops the server and keeps its data, so that <see cref="StartAgainAsync"/> can go on with them. Does nothing when it is stopped.</summary>
    public async Task StopAsync(PostgresStop how, CancellationToken stop)
    {
        if (_server is not { } server) return;
        _server = null;
        using (server)
        {
            if (!server.HasExited) await server.StandardInput.WriteLineAsync($"{how}".AsMemory(), stop);
            using var deadline = new CancellationTokenSource(StopDeadline, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
            await server.WaitForExitAsync(either.Token);
        }
    }

    /// <summary>Starts a stopped server on the same port and data; after an immediate stop it recovers first.</summary>
    public Task StartAgainAsync(CancellationToken stop)
    {
        if (_server is not null) throw new InvalidOperationException($"{Directory}: the server is running; stop it first");
        return LaunchAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        // Immediate: the data is about to be removed, nothing has to be written down.
        await StopAsync(PostgresStop.Immediate, CancellationToken.None);
        if (System.IO.Directory.Exists(Directory)) System.IO.Directory.Delete(Directory, recursive: true);
    }

    private string LogFile => Path.Combine(Directory, "log");

    private string DataDirectory => Path.Combine(Directory, "data");

    private string Log() => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string Unpooled(string database) => $"{ConnectionString(database)};Pooling=false;Timeout=5";

    private async Task CreateClusterAsync(CancellationToken stop)
    {
        var owner = _programs.Account is { } account ? new[] { "-o", account.UserId, "-g", account.GroupId } : [];
        using (var install = Process.Start("install", ["-d", "-m", "700", .. owner, Directory]))
        {
            await install.WaitForExitAsync(CancellationToken.None);
            if (install.ExitCode != 0) throw new InvalidOperationException($"{Directory}: could not be made; is the temporary directory writable?");
        }
        stop.ThrowIfCancellationRequested();
        string[] hurry = _options.Durable ? [] : ["--no-sync"];
        string[] initdb = [_programs.PathOf("initdb"), "-D", DataDirectory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", .. hurry];
        using var making = Watched(initdb);
        try
        {
            await making.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            making.StandardInput.Close();
            await making.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        if (making.ExitCode != 0) throw new InvalidOperationException($"initdb ended with {making.ExitCode}:\n{LogTail()}");
    }

    private async Task LaunchAsync(CancellationToken stop)
    {
        var settings = _options.Effective(Port, Directory).SelectMany(s => new[] { "-c", $"{s.Key}={s.Value}" });
        var server = Watched([_programs.PathOf("postgres"), "-D", DataDirectory, .. settings]);
        _server = server;
        using var deadline = new CancellationTokenSource(StartDeadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        try
        {
            while (!await AnswersAsync(either.Token))
            {
                if (server.HasExited) throw new InvalidOperationException($"Postgres ended with {server.ExitCode} while starting:\n{LogTail()}");
                await Task.Delay(TimeSpan.FromMilliseconds(20), _time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new InvalidOperationException($"Postgres did not answer within {StartDeadline.TotalSeconds:0} s:\n{LogTail()}");
        }
        finally
        {
            if (server.HasExited) await StopAsync(PostgresStop.Immediate, CancellationToken.None);
        }
    }

    private Process Watched(IEnumerable<string> command)
    {
        var watched = _programs.AsAccount(["sh", "-c", Watchdog, "watchdog", Directory, .. command]);
        return Process.Start(new ProcessStartInfo(watched.First(), watched.Skip(1)) { RedirectStandardInput = true, WorkingDirectory = "/" })!;
    }

    private async Task<bool> AnswersAsync(CancellationToken stop)
    {
        try
        {
            await using var connection = new NpgsqlConnection(Unpooled("postgres"));
            await connection.OpenAsync(stop);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private string LogTail() => string.Join('\n', Log().Split('\n').TakeLast(10));

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
