using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.EndToEnd;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// One org, one replica and everything between them, driven by one seed: what happens in the org, which part of the product takes its next step, when the
/// stream is cut, the position lost, the program gone. Nothing runs beside the schedule, so the same seed is the same world.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    /// <summary>Steps without anything left to do before a world counts as at rest.</summary>
    private const int RestAfter = 6;

    private const int MostSteps = 600;

    private readonly int _seed;
    private readonly Random _random;
    private readonly WorldTally _tally;
    private readonly OrgClock _clock;
    private readonly NpgsqlDataSource _source;
    private readonly string _database;
    private readonly CapturedLog _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly WorldActs _acts;
    private Lease _lease = null!;
    private WorldLife _life = null!;

    private World(int seed, SimulatedSalesforce simulated, OrgOptions options, string database, NpgsqlDataSource source, OrgClock clock, WorldTally tally)
    {
        (_seed, Simulated, Options, _database, _source, _clock, _tally) = (seed, simulated, options, database, source, clock, tally);
        _random = new Random(seed);
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_log));
        _acts = new WorldActs(simulated, seed, LosesEvents, tally);
    }

    public SimulatedSalesforce Simulated { get; }

    private bool LosesEvents => _seed % 4 == 0;

    public OrgOptions Options { get; }

    public static async Task<World> CreateAsync(int seed, string database, NpgsqlDataSource source, WorldTally tally)
    {
        var clock = new OrgClock(TimeProvider.System);
        var settings = new SimulatorSettings { Org = new() { Seed = seed } };
        var simulated = await SimulatedSalesforce.StartAsync(settings, clock, CancellationToken.None);
        var rules = simulated.Settings.SignIn;
        var name = $"w{seed}";
        var options = new OrgOptions
        {
            Name = name,
            Schema = name,
            LoginUrl = new Uri(simulated.LoginUrl),
            PubSubEndpoint = new Uri(simulated.PubSubEndpoint),
            Auth = new SignInFlow.ClientCredentials(rules.ClientId, new Secret(rules.ClientSecret)),
            StartFrom = seed % 3 == 0 ? StartFrom.Earliest : StartFrom.Snapshot,
        };
        var world = new World(seed, simulated, options, database, source, clock, tally);
        await world.BeginLifeAsync();
        return world;
    }

    /// <summary>Lives through so many transactions, then comes to rest and is compared.</summary>
    public async Task LiveAsync(int transactions)
    {
        _acts.Existing(_random.Next(10, 120));
        while (_acts.Transactions < transactions)
            await HappenAsync();
        _acts.MakeWhole();
        await T("REST", Task.Run(async () => { await RestAsync(); return true; }));
        await T("COMPARE", Task.Run(async () => { await CompareAsync(); return true; }));
    }

    public async ValueTask DisposeAsync()
    {
        await EndLifeAsync();
        await Simulated.DisposeAsync();
        await using var connection = await _source.OpenConnectionAsync();
        await connection.ExecuteAsync($"drop schema if exists {Sql.Quote(Options.Schema)} cascade");
        _loggers.Dispose();
    }

    private async Task<bool> T(string what, Task<bool> task)
    {
        var at = System.Diagnostics.Stopwatch.GetTimestamp();
        var r = await task;
        _tally.Count($"zz {what} {(r ? "worked" : "idle")} ms", (long)System.Diagnostics.Stopwatch.GetElapsedTime(at).TotalMicroseconds);
        _tally.Count($"zz {what} {(r ? "worked" : "idle")} n");
        return r;
    }

    public override string ToString() => $"world {_seed}";

    private async Task HappenAsync()
    {
        switch (_random.Next(100))
        {
            case < 38:
                _acts.Next();
                break;
            case < 58:
                await T("receive", _life.ReceiveAsync(_random.Next(1, 25)));
                break;
            case < 74:
                await T("apply", _life.ApplyAsync());
                break;
            case < 92:
                _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(50, 3_000)));
                { var k = _random.Next(3); await T($"read{k}", _life.ReadAsync(k)); }
                break;
            case < 95:
                _tally.Count("cut");
                _life.Cut();
                break;
            case < 97:
                _tally.Count("crash");
                await T("LIFE", Task.Run(async () => { await EndLifeAsync();
                await BeginLifeAsync(); return true; }));
                break;
            case < 98:
                _tally.Count("pause");
                _clock.Advance(TimeSpan.FromMinutes(_random.Next(1, 120)));
                break;
            default:
                _acts.Strike();
                break;
        }
    }

    /// <summary>Nothing happens in the org any more: all that is left is done, until there is nothing.</summary>
    private async Task RestAsync()
    {
        var idle = 0;
        var swept = false;
        var last = "";
        for (var step = 0; step < MostSteps; step++)
        {
            _clock.Advance(TimeSpan.FromSeconds(idle > 2 ? 60 : 2));
            var worked = await T("rest receive", _life.ReceiveAsync(100)) ? "receive" : "";
            while (await T("rest apply", _life.ApplyAsync()))
            {
            }
            for (var part = 0; part < 3; part++)
                worked += await T($"rest read{part}", _life.ReadAsync(part)) ? $" {part}" : "";
            last = worked.Length > 0 ? worked : last;
            idle = worked.Length > 0 ? 0 : idle + 1;
            if (idle < RestAfter || !await IsDoneAsync())
                continue;
            if (swept)
                return;
            swept = true;
            idle = 0;
            await _life.SweepAllAsync(deep: LosesEvents);
        }
        throw new InvalidOperationException($"{this} does not come to rest (swept: {swept}, at work last: {last}): {await OpenThingsAsync()}\n{_log}");
    }

    private async Task<bool> IsDoneAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>(
            """
            select not exists (select from salesforce_sync.repair where org = @Org and state = 'open')
                and not exists (select from salesforce_sync.coverage where org = @Org and state = 'gap' and to_event is null)
                and not exists (select from salesforce_sync.read where org = @Org and state in ('waiting', 'reading', 'merging'))
            """, new { Org = Options.Name });
    }

    private async Task<string> OpenThingsAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<string>(
            """
            select jsonb_build_object(
                'repairs', (select jsonb_agg(to_jsonb(r)) from (select object, record_id, reason, event, tries, next_at, message from salesforce_sync.repair where org = @Org and state = 'open' limit 10) r),
                'gaps', (select jsonb_agg(to_jsonb(c)) from salesforce_sync.coverage c where org = @Org and state = 'gap' and to_event is null),
                'readings', (select jsonb_agg(to_jsonb(r)) from salesforce_sync.read r where org = @Org and state in ('waiting', 'reading', 'merging')))::text
            """, new { Org = Options.Name }) ?? "";
    }

    private async Task CompareAsync()
    {
        var rules = new ComparisonRules { Repaired = true, Org = Options.Name };
        var result = await ReplicaComparison.CompareAsync(Simulated.Org.Truth(), _database, Options.Schema, rules, CancellationToken.None);
        _tally.Count("records compared", result.Records);
        if (!result.Equal)
            throw new InvalidOperationException($"{this}: {result}\n{string.Join('\n', result.Differences)}\n{_log}");
    }

    private async Task BeginLifeAsync()
    {
        _lease = await Lease.TryTakeAsync(_source, Options.Name, TimeProvider.System, _loggers.CreateLogger("lease"), CancellationToken.None)
            ?? throw new InvalidOperationException($"{this}: the org is not free");
        _life = await WorldLife.BeginAsync(Options, Simulated.Org, _source, _lease.Ownership, _clock, _loggers);
    }

    private async Task EndLifeAsync()
    {
        await _life.DisposeAsync();
        await _lease.DisposeAsync();
    }
}
