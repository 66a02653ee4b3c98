using System.Net;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Status;
using SalesforceSync.Tests.Chaos;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Simulator;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A whole worker and a simulated org by a clock of ours, and a way to Postgres that can be cut: hours of failure pass in seconds.</summary>
internal sealed class ClockedWorker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly ChaosProxy _postgres = new(seed: 1);
    private readonly SimulatedSalesforce _simulated;
    private readonly int _port;
    private readonly SyncOptions _options;
    private readonly ILoggerFactory _loggers;
    private bool _salesforceEnded;
    private bool _postgresEnded;
    private Task<int>? _running;

    private ClockedWorker(ManualClock clock, SimulatedSalesforce simulated, NpgsqlConnectionStringBuilder way, ILoggerFactory loggers)
    {
        (Clock, _simulated, _port, _loggers) = (clock, simulated, way.Port, loggers);
        (Health, Progress) = (new(clock), new(clock));
        way.Port = _postgres.Port;
        var org = CopiedOrg.OptionsOf(simulated);
        _options = new SyncOptions { Postgres = new Secret(way.ConnectionString), Orgs = [org] };
    }

    public ManualClock Clock { get; }

    public WorkerHealth Health { get; }

    public WorkerProgress Progress { get; }

    public static async Task<ClockedWorker> StartAsync(Func<TimeProvider, ILoggerFactory> loggers)
    {
        var clock = new ManualClock(TimeProvider.System.GetUtcNow());
        var simulated = await SimulatedSalesforce.StartAsync(new() { Keepalive = TimeSpan.FromSeconds(2) }, clock, CancellationToken.None);
        return new(clock, simulated, new(await PostgresFixture.CreateDatabaseAsync()), loggers(clock));
    }

    public void Run() => _running = new Worker(_options, _loggers, Health, Progress, new Board(_options, Clock), Clock).RunAsync(_stop.Token);

    /// <summary>Before this the way to Postgres leads nowhere.</summary>
    public void ReachPostgres() => _postgres.Target = new IPEndPoint(IPAddress.Loopback, _port);

    /// <summary>Nobody answers where Postgres was any more.</summary>
    public async Task EndPostgresAsync()
    {
        _postgresEnded = true;
        await _postgres.DisposeAsync();
    }

    /// <summary>Nobody answers at Salesforce's addresses any more.</summary>
    public async Task EndSalesforceAsync()
    {
        _salesforceEnded = true;
        await _simulated.DisposeAsync();
    }

    public Task StreamingAsync() => PassAsync(TimeSpan.FromSeconds(1), () => Progress.Of("acme").Current.State == OrgState.Streaming);

    public Task PassAsync(TimeSpan span, TimeSpan step)
    {
        var until = Clock.GetUtcNow() + span;
        return PassAsync(step, () => Clock.GetUtcNow() >= until);
    }

    /// <summary>Lets time pass in steps until it is so.</summary>
    public async Task PassAsync(TimeSpan step, Func<bool> isSo)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !isSo();)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Patience, string.Join("; ", Health.Ready().Reasons));
            Clock.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is not null)
        {
            await PassAsync(TimeSpan.FromSeconds(1), () => _running.IsCompleted);
            (await _running).ShouldBe(0);
        }
        if (!_salesforceEnded)
            await _simulated.DisposeAsync();
        if (!_postgresEnded)
            await _postgres.DisposeAsync();
        _loggers.Dispose();
        _stop.Dispose();
    }
}
