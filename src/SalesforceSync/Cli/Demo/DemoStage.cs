using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SalesforceSync.Database;
using SalesforceSync.Simulator.Control;

namespace SalesforceSync.Cli.Demo;

/// <summary>
/// The parts of the demo, each a process of its own, speaking through sockets only: a private Postgres, <c>salesforce-sync simulate</c> and
/// <c>salesforce-sync run</c>. Disposing ends all and removes what they wrote; so does our death.
/// </summary>
internal sealed class DemoStage : IAsyncDisposable
{
    /// <summary>The org's name in the worker's configuration, and the schema of its tables.</summary>
    public const string OrgName = "acme";

    /// <summary>Shorter than an org's: somebody watches, and the simulated stream at rest speaks every second.</summary>
    public static readonly TimeSpan SilenceAfter = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] ConfigurationPrefixes = ["ConnectionStrings__", "Orgs__", "Http__", "Serilog__"];

    private readonly LocalPostgres _postgres;
    private readonly TimeProvider _time;
    private WatchedProcess? _simulator;
    private WatchedProcess? _worker;

    private DemoStage(LocalPostgres postgres, TimeProvider time) => (_postgres, _time) = (postgres, time);

    public LocalPostgres Postgres => _postgres;

    public string ConnectionString { get; private set; } = "";

    /// <summary>Drives the simulated org and tells its truth.</summary>
    public SimulatorControl Org { get; private set; } = null!;

    /// <summary>All that the worker is told, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> WorkerSettings { get; private set; } = new Dictionary<string, string>();

    public string WorkerLog => Path.Combine(_postgres.Directory, "worker.log");

    public int WorkerId => _worker!.Id;

    public int SimulatorId => _simulator!.Id;

    /// <summary>The worker's status page.</summary>
    public string Page => $"http://127.0.0.1:{WorkerSettings["Http__Port"]}/";

    /// <summary>How often the worker was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>Starts the three parts; returns when the worker is subscribed.</summary>
    /// <exception cref="DemoFailedException">A part did not start; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException">Postgres did not start.</exception>
    public static async Task<DemoStage> StartAsync(DemoOrder order, Action<string> announce, TimeProvider time, CancellationToken stop)
    {
        announce("starting a private Postgres");
        var stage = new DemoStage(await LocalPostgres.StartAsync(new LocalPostgresOptions(), time, stop), time);
        try
        {
            stage.ConnectionString = await stage._postgres.CreateDatabaseAsync("demo", stop);
            announce($"Postgres: port {stage._postgres.Port}, every commit on disk, data in {stage._postgres.Directory}");
            await stage.StartSimulatorAsync(order, announce, stop);
            await stage.StartWorkerAsync(stop);
            announce($"worker: process {stage.WorkerId}, `salesforce-sync run`, told by environment variables only; copies the org into the schema {OrgName}; its page: {stage.Page}");
            await stage.SubscribedAsync(stop);
            announce("the worker has signed in and subscribed to /data/ChangeEvents");
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL to the worker; the next one is started at once.</summary>
    public async Task KillWorkerAsync(CancellationToken stop)
    {
        await _worker!.KillAsync();
        Kills++;
        await StartWorkerAsync(stop);
    }

    /// <summary>Another verb, told what the worker is told; its standard output is to be read.</summary>
    public Task<WatchedProcess> StartVerbAsync(IEnumerable<string> words, CancellationToken stop) =>
        WatchedProcess.StartAsync([.. OwnProgram.Command, .. words], Told(), Path.Combine(_postgres.Directory, "verbs.log"), speaks: true, _time, stop);

    /// <summary>Waits for ever while all parts live.</summary>
    /// <exception cref="DemoFailedException">A part ended that was not told to.</exception>
    public async Task WatchAsync(CancellationToken stop)
    {
        while (true)
        {
            var ended = await Task.WhenAny(_worker!.Exited, _simulator!.Exited).WaitAsync(stop);
            if (_simulator.Exited.IsCompleted)
                throw new DemoFailedException($"the simulated org ended by itself with exit code {await ended}");
            if (!_worker.IsToldToEnd && _worker.Exited.IsCompleted)
                throw new DemoFailedException($"the worker ended by itself with exit code {await ended}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, stop);
        }
    }

    /// <summary>Starts the worker again whenever somebody ends it.</summary>
    public async Task KeepWorkerAsync(Action<string> announce, CancellationToken stop)
    {
        while (true)
        {
            var code = await _worker!.Exited.WaitAsync(stop);
            await StartWorkerAsync(stop);
            announce($"the worker ended with exit code {code}; started again as process {WorkerId}");
            await Task.Delay(TimeSpan.FromSeconds(1), _time, stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
            await _worker.DisposeAsync();
        Org?.Dispose();
        if (_simulator is not null)
            await _simulator.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    private async Task StartSimulatorAsync(DemoOrder order, Action<string> announce, CancellationToken stop)
    {
        announce($"planting {FigureWords.Text(order.Records)} records in a simulated org, older than what its stream remembers");
        // Nothing is committed before the demo says so. The stream at rest speaks often: what is read from Salesforce is merged once it has spoken again.
        _simulator = await WatchedProcess.StartAsync(
            [.. OwnProgram.Command, "simulate", "--rate", "0", "--seed", $"{order.Seed}", "--prefill", $"{order.Records}", "--keepalive", "1"],
            Inherited(), Path.Combine(_postgres.Directory, "simulator.log"), speaks: true, _time, stop);
        var line = await _simulator.ReadLineAsync(stop) ?? throw new DemoFailedException($"the simulated org ended with exit code {await _simulator.Exited}");
        var ready = JsonSerializer.Deserialize<JsonElement>(line);
        string Ready(string name) => ready.GetProperty(name).GetString()!;
        Org = new SimulatorControl(new Uri(Ready("loginUrl")));
        announce($"simulated Salesforce org: process {_simulator.Id}, sign-in and REST at {Ready("loginUrl")}, Pub/Sub at {Ready("pubSubEndpoint")}");
        WorkerSettings = new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = ConnectionString,
            [$"Orgs__{OrgName}__LoginUrl"] = Ready("loginUrl"),
            [$"Orgs__{OrgName}__PubSubEndpoint"] = Ready("pubSubEndpoint"),
            [$"Orgs__{OrgName}__Auth__ClientId"] = Ready("clientId"),
            [$"Orgs__{OrgName}__Auth__ClientSecret"] = Ready("clientSecret"),
            [$"Orgs__{OrgName}__StartFrom"] = "Snapshot",
            [$"Orgs__{OrgName}__SilenceAfter"] = SilenceAfter.ToString("c", CultureInfo.InvariantCulture),
            ["Http__Port"] = $"{FreePort()}",
        };
    }

    private async Task StartWorkerAsync(CancellationToken stop) =>
        _worker = await WatchedProcess.StartAsync([.. OwnProgram.Command, "run"], Told(), WorkerLog, speaks: false, _time, stop);

    private Dictionary<string, string> Told()
    {
        var environment = Inherited();
        foreach (var (name, value) in WorkerSettings)
            environment[name] = value;
        return environment;
    }

    private async Task SubscribedAsync(CancellationToken stop)
    {
        var began = _time.GetTimestamp();
        while ((await Org.StateAsync(stop)).OpenSubscriptions == 0)
        {
            if (_worker!.Exited.IsCompleted)
                throw new DemoFailedException($"the worker ended with exit code {await _worker.Exited}");
            if (_time.GetElapsedTime(began) > Patience)
                throw new DemoFailedException($"the worker did not subscribe within {Patience.TotalSeconds:0} s");
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time, stop);
        }
    }

    // Somebody's real org may be configured in our environment: the demo must never reach it.
    private static Dictionary<string, string> Inherited() => Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
        .Select(variable => ((string)variable.Key, (string?)variable.Value ?? ""))
        .Where(variable => !ConfigurationPrefixes.Any(prefix => variable.Item1.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
        .ToDictionary(variable => variable.Item1, variable => variable.Item2);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
