using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Dapper;
using Npgsql;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Cli;

/// <summary>The program itself, as a process of its own.</summary>
public class RunVerbTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [PostgresTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_run_in_under_ten_seconds_with_0_and_nothing_open(string signal)
    {
        await using var salesforce = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        var database = new NpgsqlConnectionStringBuilder(await PostgresFixture.CreateDatabaseAsync()) { ApplicationName = $"run-{Guid.NewGuid():N}" };
        using var run = Program.Start(["run"],
            ("ConnectionStrings__Postgres", database.ConnectionString), ("Orgs__acme__LoginUrl", salesforce.LoginUrl), ("Orgs__acme__PubSubEndpoint", salesforce.PubSubEndpoint),
            ("Orgs__acme__Auth__ClientId", "simulated-client"), ("Orgs__acme__Auth__ClientSecret", "simulated-secret"), ("Http__Port", "0"));
        await run.SaidAsync(line => line.Contains("\"RenderedMessage\":\"listening on port", StringComparison.Ordinal));
        await run.SaidAsync(line => line.Contains("signed in", StringComparison.Ordinal));

        var asked = Stopwatch.GetTimestamp();
        await run.SignalAsync(signal);
        (await run.ExitAsync()).ShouldBe(0);
        Stopwatch.GetElapsedTime(asked).ShouldBeLessThan(TimeSpan.FromSeconds(10));

        var lines = run.Out;
        lines.ShouldAllBe(line => JsonDocument.Parse(line, default).RootElement.GetProperty("Properties").GetProperty("EventId").GetProperty("Id").GetInt32() > 0);
        lines.ShouldAllBe(line => !line.Contains("simulated-secret", StringComparison.Ordinal));
        run.Error.ShouldBeEmpty();
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = "observer" }.ConnectionString);
        (await connection.ExecuteScalarAsync<long>("select count(*) from pg_stat_activity where application_name = @name and xact_start is not null", new { name = database.ApplicationName }))
            .ShouldBe(0);
    }

    [Fact]
    public async Task A_wrong_configuration_ends_with_2_and_every_fault_on_standard_error()
    {
        using var run = Program.Start(["run"], ("Orgs__acme__LoginUrl", "http://evil.example"), ("Orgs__acme__Auth__ClientSecret", "CANARY-s"));
        (await run.ExitAsync()).ShouldBe(2);
        run.Out.ShouldBeEmpty();
        run.Error.Select(line => line.Split(": ")[0]).ShouldBe(["ConnectionStrings:Postgres", "Orgs:acme:LoginUrl", "Orgs:acme:Auth:ClientId"]);
    }

    [Fact]
    public async Task A_simulated_org_says_where_it_is_and_ends_on_a_signal()
    {
        using var simulated = Program.Start(["simulate", "--http-port", "0", "--grpc-port", "0", "--org-id", "00D000000000042", "--rate", "20"]);
        var ready = JsonSerializer.Deserialize<JsonElement>(await simulated.SaidAsync(_ => true));
        ready.GetProperty("orgId").GetString().ShouldBe("00D000000000042EAA");
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", "Host=127.0.0.1;Port=1")
            .Variable("Orgs__acme__LoginUrl", ready.GetProperty("loginUrl").GetString()!).Variable("Orgs__acme__PubSubEndpoint", ready.GetProperty("pubSubEndpoint").GetString()!)
            .Variable("Orgs__acme__Auth__ClientId", ready.GetProperty("clientId").GetString()!).Variable("Orgs__acme__Auth__ClientSecret", ready.GetProperty("clientSecret").GetString()!);
        (await CommandRun.OfAsync(scratch, "check", "--json")).Out.ShouldContain("org 00D000000000042EAA");
        await simulated.SignalAsync("TERM");
        (await simulated.ExitAsync()).ShouldBe(0);
    }

    private sealed class Program : IDisposable
    {
        private readonly Process _process;
        private readonly Lock _gate = new();
        private readonly List<string> _out = [];
        private readonly StringBuilder _error = new();
        private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _waiting = [];
        private readonly string _folder = Directory.CreateTempSubdirectory("sync-run-").FullName;

        private Program(string[] args, (string Name, string Value)[] environment)
        {
            // Whoever started the tests in the background of a script may have told them, and so their children, to ignore the keyboard's signal.
            var start = new ProcessStartInfo("env", ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "salesforce-sync"), .. args])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = _folder,
            };
            ShortLife.Of(start);
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            _process = new Process { StartInfo = start };
            var who = Overheard.Who(args);
            _process.OutputDataReceived += (_, e) =>
            {
                Overheard.Note(who, e.Data);
                Heard(e.Data);
            };
            _process.ErrorDataReceived += (_, e) =>
            {
                Overheard.Note(who, e.Data);
                _error.AppendLine(e.Data);
            };
            _process.Start();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public string[] Out
        {
            get { lock (_gate) return [.. _out]; }
        }

        public string[] Error => _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

        public static Program Start(string[] args, params (string Name, string Value)[] environment) => new(args, environment);

        public Task<string> SaidAsync(Func<string, bool> wanted)
        {
            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                if (_out.FirstOrDefault(wanted) is { } line)
                    return Task.FromResult(line);
                _waiting.Add((wanted, found));
            }
            return found.Task.WaitAsync(Patience);
        }

        public async Task SignalAsync(string signal)
        {
            using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
            await kill.WaitForExitAsync();
        }

        public async Task<int> ExitAsync()
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill();
            _process.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        private void Heard(string? line)
        {
            if (line is null)
                return;
            lock (_gate)
            {
                _out.Add(line);
                foreach (var (_, found) in _waiting.Where(w => w.Wanted(line)))
                    found.TrySetResult(line);
            }
        }
    }
}
