using System.Diagnostics;
using System.Globalization;
using Npgsql;
using SalesforceSync.Benchmarks.EndToEnd;
using SalesforceSync.Cli.Demo;
using SalesforceSync.Database;

namespace SalesforceSync.Benchmarks.Snapshot;

/// <summary>
/// The first reading of one large object, by the worker as it is published, and psql COPY of the same rows into the same table in the same run on the same cores.
/// Simulated org, worker and Postgres are processes of their own; every commit is on disk.
/// </summary>
internal static class SnapshotBench
{
    public const string Usage = "snapshot [--rows 10000..10000000]";

    private const string Object = "Invoice__c";
    private const string Table = "bench.invoice__c";

    /// <summary>Of the rate of COPY.</summary>
    private const double LeastRatio = 0.4;

    private const int MostMegabytes = 300;
    private const int MostCalls = 30;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <returns>0 when all limits are held, 1 when one is missed, 2 for a wrong command line.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TimeProvider time)
    {
        var rows = 1_000_000;
        if (args.Count is not (0 or 2) || (args.Count == 2 && (args[0] != "--rows" || !int.TryParse(args[1], out rows) || rows is < 10_000 or > 10_000_000)))
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        try
        {
            return await MeasureAsync(rows, time, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
    }

    private static async Task<int> MeasureAsync(int rows, TimeProvider time, CancellationToken stop)
    {
        var program = Path.Combine(EndToEndBench.Root(), "out", "salesforce-sync");
        using var authority = new LocalAuthority(time);
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions(), time, stop);
        var postmaster = int.Parse(File.ReadLines(Path.Combine(postgres.Directory, "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        var database = await postgres.CreateDatabaseAsync("snapshot", stop);
        await using var org = await BenchedOrg.StartAsync(program, "snapshot", authority, time, stop, "--crowd", $"{Object}={rows}", "--keepalive", "0.5");
        var log = Path.Combine(authority.Folder, "snapshot-worker.log");
        // Names of objects hold what separates keys in environment variables.
        var choice = Path.Combine(authority.Folder, "snapshot.json");
        await File.WriteAllTextAsync(choice, $$"""{ "Orgs": { "bench": { "Objects": { "{{Object}}": {}, "*": { "Include": false } } } } }""", stop);
        await using var worker = await WatchedProcess.StartAsync([program, "run", "--config", choice], Environment(org, authority, database), log, speaks: false, time, stop);

        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(stop);
        async Task UntilAsync(string condition)
        {
            for (var began = time.GetTimestamp(); !await IsSoAsync(connection, condition, stop); await Task.Delay(Look, time, stop))
            {
                if (worker.Exited.IsCompleted || time.GetElapsedTime(began) > Patience)
                    throw new InvalidOperationException($"the worker does not get so far: {condition}\n{await File.ReadAllTextAsync(log, stop)}");
            }
        }
        await UntilAsync("select count(*) > 0 from salesforce_sync.read where job_id is not null");
        await UntilAsync("select count(*) > 0 from salesforce_sync.read where end_event is not null");
        var (began, cpu) = (time.GetTimestamp(), (Worker: CpuTime.Of(worker.Id), Org: CpuTime.Of(org.ProcessId), Postgres: CpuTime.OfFamily(postmaster)));
        await UntilAsync("select count(*) > 0 from salesforce_sync.read where state = 'done'");
        var seconds = time.GetElapsedTime(began).TotalSeconds;
        cpu = (CpuTime.Of(worker.Id) - cpu.Worker, CpuTime.Of(org.ProcessId) - cpu.Org, CpuTime.OfFamily(postmaster) - cpu.Postgres);
        var peak = PeakMegabytes(worker.Id);
        var calls = await ScalarAsync<long>(connection, "select sum(calls)::bigint from salesforce_sync.api_call", stop);
        if (!await ScalarAsync<bool>(connection, $"select to_regclass('{Table}') is not null", stop))
            throw new InvalidOperationException($"nothing was read: {await ScalarAsync<string>(connection, "select json_agg(r)::text from salesforce_sync.read r", stop)}\n{await File.ReadAllTextAsync(log, stop)}");
        var copied = await ScalarAsync<long>(connection, $"select count(*) from {Table}", stop);
        var whole = await ScalarAsync<double>(connection, "select extract(epoch from closed_at - opened_at)::float8 from salesforce_sync.read", stop);
        var columns = await ScalarAsync<long>(connection, $"select count(*) from pg_attribute where attrelid = '{Table}'::regclass and attnum > 0", stop);
        await worker.KillAsync();

        var copy = await CopyAsync(connection, postgres, time, stop);
        var ratio = copy / seconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            snapshot of {copied} rows of {Object} ({columns} columns), pages of 100000
            read and merged in {seconds:0.0} s: {copied / seconds:0} rows/s ({whole:0.0} s from the request to the close)
            CPU while merging: worker {cpu.Worker:0.0} s, Postgres {cpu.Postgres:0.0} s, org {cpu.Org:0.0} s (the org's share {cpu.Org / (cpu.Worker + cpu.Postgres + cpu.Org):P0})
            worker's peak memory {peak} MB (limit {MostMegabytes}), {calls} calls with sign-in (limit {MostCalls})
            psql COPY of the same rows into the same table: {copy:0.0} s, {copied / copy:0} rows/s; ratio {ratio:0.00} (limit {LeastRatio})
            """));
        var held = copied == rows && ratio >= LeastRatio && peak <= MostMegabytes && calls <= MostCalls;
        Console.WriteLine(held ? "all limits of the snapshot are held" : "a limit of the snapshot is missed");
        return held ? 0 : 1;
    }

    private static Dictionary<string, string> Environment(BenchedOrg org, LocalAuthority authority, string database)
    {
        var environment = BenchedOrg.Surroundings();
        environment["SSL_CERT_FILE"] = authority.RootFile;
        environment["ConnectionStrings__Postgres"] = database;
        environment["Orgs__bench__LoginUrl"] = org.LoginUrl;
        environment["Orgs__bench__PubSubEndpoint"] = org.PubSubEndpoint.ToString();
        environment["Orgs__bench__Auth__ClientId"] = org.ClientId;
        environment["Orgs__bench__Auth__ClientSecret"] = org.ClientSecret;
        environment["Orgs__bench__StartFrom"] = "Snapshot";
        environment["Orgs__bench__Sweep"] = "off";
        environment["Http__Port"] = "0";
        return environment;
    }

    /// <summary>Seconds that psql takes for the same rows, in text, into a table made alike.</summary>
    private static async Task<double> CopyAsync(NpgsqlConnection connection, LocalPostgres postgres, TimeProvider time, CancellationToken stop)
    {
        var file = Path.Combine(Path.GetTempPath(), $"salesforce-sync-bench-{System.Environment.ProcessId}.txt");
        try
        {
            await PsqlAsync(postgres, $"\\copy {Table} to '{file}'", stop);
            foreach (var sql in (string[])["create schema copied", $"create table copied.rows (like {Table} including all) with (fillfactor = 85)", "checkpoint"])
            {
                await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
                await command.ExecuteNonQueryAsync(stop);
            }
            var began = time.GetTimestamp();
            await PsqlAsync(postgres, $"\\copy copied.rows from '{file}'", stop);
            return time.GetElapsedTime(began).TotalSeconds;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task PsqlAsync(LocalPostgres postgres, string command, CancellationToken stop)
    {
        var settings = new NpgsqlConnectionStringBuilder(postgres.ConnectionString("snapshot"));
        var psql = LocalPostgresPrograms.Find()!.PathOf("psql");
        string[] arguments = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", settings.Host!, "-p", $"{settings.Port}", "-U", settings.Username!, "-d", "snapshot", "-c", command];
        using var process = Process.Start(new ProcessStartInfo(psql, arguments) { Environment = { ["PGPASSWORD"] = settings.Password ?? "" } })!;
        await process.WaitForExitAsync(stop);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"psql ended with {process.ExitCode}");
    }

    private static long PeakMegabytes(int processId) => long.Parse(
        File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    private static async Task<bool> IsSoAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        try
        {
            return await ScalarAsync<bool>(connection, sql, stop);
        }
        catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return false;
        }
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        return (T)(await command.ExecuteScalarAsync(stop))!;
    }
}
