using System.Runtime.CompilerServices;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Status;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A simulated org, a fresh database and the product between them, all real, in this process.</summary>
internal sealed class CopiedOrg : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CapturedLog _log;
    private readonly ILoggerFactory _loggers;
    private CancellationTokenSource _stop = new();
    private Task<int>? _running;

    private CopiedOrg(SimulatedSalesforce simulated, string database, OrgOptions options, string who)
    {
        _log = new(who);
        (Simulated, Database, WorkerDatabase, Options) = (simulated, database, database, options);
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_log));
        Source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 5, ApplicationName = "test" }.ConnectionString);
    }

    public SimulatedSalesforce Simulated { get; }

    public string Database { get; }

    /// <summary>What the worker is told of the database: another way to it, for tests that disturb it.</summary>
    public string WorkerDatabase { get; set; }

    public NpgsqlDataSource Source { get; }

    public OrgOptions Options { get; set; }

    public TelemetryOptions Telemetry { get; set; } = new();

    public CapturedLog Log => _log;

    public WorkerHealth Health { get; private set; } = new(TimeProvider.System);

    /// <summary>Signs in to a simulated org and begins with the oldest event it keeps.</summary>
    public static OrgOptions OptionsOf(SimulatedSalesforce simulated)
    {
        var rules = simulated.Settings.SignIn;
        return new()
        {
            Name = "acme",
            Schema = "acme",
            LoginUrl = new Uri(simulated.LoginUrl),
            PubSubEndpoint = new Uri(simulated.PubSubEndpoint),
            Auth = new SignInFlow.ClientCredentials(rules.ClientId, new Secret(rules.ClientSecret)),
            StartFrom = StartFrom.Earliest,
        };
    }

    /// <param name="database">An empty database; null for a fresh one.</param>
    public static async Task<CopiedOrg> CreateAsync(
        SimulatorSettings? settings = null, Func<OrgOptions, OrgOptions>? change = null, string? database = null, [CallerFilePath] string file = "", [CallerMemberName] string test = "")
    {
        var simulated = await SimulatedSalesforce.StartAsync(settings ?? new(), TimeProvider.System, CancellationToken.None);
        var options = OptionsOf(simulated);
        return new(simulated, database ?? await PostgresFixture.CreateDatabaseAsync(), change?.Invoke(options) ?? options, $"{Path.GetFileNameWithoutExtension(file)}.{test}");
    }

    /// <summary>What whoever watches the worker sees of it.</summary>
    public WorkerProgress Progress { get; private set; } = new(TimeProvider.System);

    /// <inheritdoc cref="Progress"/>
    public Board Board { get; private set; } = null!;

    public void Start()
    {
        _stop = new();
        Health = new(TimeProvider.System);
        var options = new SyncOptions { Postgres = new Secret(WorkerDatabase), Orgs = [Options], Telemetry = Telemetry };
        (Progress, Board) = (new(TimeProvider.System), new(options, TimeProvider.System));
        var worker = new Worker(options, _loggers, Health, Progress, Board, TimeProvider.System);
        _running = worker.RunAsync(_stop.Token);
    }

    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await _running!;
    }

    public Task<int> Ended => _running!;

    /// <summary>Waits until everything committed in the org is applied.</summary>
    public Task CaughtUpAsync() => CaughtUpAsync(Options.Channels[0]);

    public async Task CaughtUpAsync(string channel)
    {
        var topic = Simulated.Org.FindTopic(channel)!;
        var newest = Convert.ToHexStringLower(topic.ReplayIdOf(Simulated.Org.Bus.CommitsAfter(0, topic, int.MaxValue)[^1].Position).Span);
        await UntilAsync($"select encode(replay_id, 'hex') = '{newest}' from salesforce_sync.cursor where stage = 'applied' and channel = '{channel}'");
    }

    /// <summary>Polls until a query gives true.</summary>
    /// <param name="and">And this is so.</param>
    public async Task UntilAsync(string sql, Func<bool>? and = null)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (_running is { IsCompleted: true })
                throw new InvalidOperationException($"the worker ended with {await _running}:\n{_log}");
            try
            {
                if ((and?.Invoke() ?? true) && await ScalarAsync<bool?>(sql) is true)
                    return;
            }
            catch (PostgresException missing) when (missing.SqlState is "42P01" or "3F000")
            {
                // The worker has not got so far.
            }
            if (TimeProvider.System.GetElapsedTime(deadline) > Patience)
                throw new TimeoutException($"never came true: {sql}\n{_log}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql);
    }

    /// <summary>What a command run beside the worker has to be told; of the worker it knows nothing.</summary>
    public ScratchConfiguration Scratch()
    {
        var rules = Simulated.Settings.SignIn;
        return new ScratchConfiguration().Variable("ConnectionStrings__Postgres", Database).Variable("Orgs__acme__LoginUrl", Simulated.LoginUrl)
            .Variable("Orgs__acme__PubSubEndpoint", Simulated.PubSubEndpoint).Variable("Orgs__acme__Auth__ClientId", rules.ClientId)
            .Variable("Orgs__acme__Auth__ClientSecret", rules.ClientSecret);
    }

    public async Task ShouldEqualTruthAsync(ComparisonRules? rules = null)
    {
        var result = await ReplicaComparison.CompareAsync(Simulated.Org.Truth(), Database, Options.Schema, rules ?? new(), CancellationToken.None);
        result.Equal.ShouldBeTrue($"{result}\n{string.Join('\n', result.Differences)}\n{_log}");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is not null)
            await _running;
        await Simulated.DisposeAsync();
        await Source.DisposeAsync();
        _loggers.Dispose();
        _stop.Dispose();
    }
}
