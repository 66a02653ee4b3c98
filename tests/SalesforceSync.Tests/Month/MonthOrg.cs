using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Store;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;
using SalesforceSync.Tests.Simulator;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;

namespace SalesforceSync.Tests.Month;

/// <summary>
/// The whole pipeline of an org beside a simulated Salesforce, both in a time of their own, which stands still unless it is moved: a month passes in seconds.
/// Only Postgres and its lease live in ours.
/// </summary>
internal sealed class MonthOrg : IAsyncDisposable
{
    /// <summary>Work is waited for in steps of this; a stream says something within it.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    private const int UsualSteps = 4;

    // Shorter than anybody's patience with an answer.
    private static readonly TimeSpan LongTick = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan LongestWork = TimeSpan.FromMilliseconds(100);

    /// <summary>How often it is asked who waits. Work that nobody sees, a statement of a second, goes on meanwhile, and each tick would wake all others.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Jump = TimeSpan.FromHours(8);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const string IsIdle = """
        select not exists (select from salesforce_sync.read where state in ('waiting', 'reading', 'merging'))
            and not exists (select from salesforce_sync.repair where state = 'open')
            and not exists (select from salesforce_sync.coverage where state = 'gap' and to_event is null)
            and (select coalesce(max(event), 0) from salesforce_sync.cursor where stage = 'received') >= @Events - @Missed
            and (select count(*) from salesforce_sync.object where snapshot_at is not null) = @Objects
            and (select r.event = a.event and not r.lost from salesforce_sync.cursor r join salesforce_sync.cursor a using (org, channel)
                where r.stage = 'received' and a.stage = 'applied')
        """;

    private readonly CapturedLog _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly string _database;
    private readonly NpgsqlDataSource _source;
    private CancellationTokenSource _stop = new();
    private long _missed;
    private int _waiting;
    private DateTime _partitioned;
    private Task? _life;
    private bool _salesforceEnded;

    private MonthOrg(ManualClock clock, SimulatedSalesforce simulated, string database, OrgOptions options, ILoggerFactory? loggers)
    {
        (Clock, Simulated, _database, Options) = (clock, simulated, database, options);
        _loggers = loggers ?? LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(_log));
        _source = SalesforceSync.Database.Postgres.Open(database);
    }

    public ManualClock Clock { get; }

    public SimulatedSalesforce Simulated { get; }

    public SimulatedOrg Org => Simulated.Org;

    public OrgOptions Options { get; set; }

    public string Log => _log.ToString();

    /// <summary>Lines of information and above.</summary>
    public IReadOnlyList<(int Id, LogLevel Level, string Text)> Lines => [.. _log.Lines];

    /// <summary>API calls the server has counted.</summary>
    public long Calls => Simulated.Counts.Rest;

    /// <param name="loggers">Instead of ours, by the clock of the month.</param>
    public static async Task<MonthOrg> CreateAsync(
        Func<OrgOptions, OrgOptions>? change = null, SimulatorSettings? settings = null, Func<TimeProvider, ILoggerFactory>? loggers = null)
    {
        var clock = new ManualClock(TimeProvider.System.GetUtcNow());
        settings = (settings ?? new()) with { Keepalive = Tick / 2, SignIn = new() { SessionTimeout = TimeSpan.FromHours(2) } };
        var simulated = await SimulatedSalesforce.StartAsync(settings, clock, CancellationToken.None);
        var options = new OrgOptions
        {
            Name = "acme",
            Schema = "acme",
            LoginUrl = new Uri(simulated.LoginUrl),
            PubSubEndpoint = new Uri(simulated.PubSubEndpoint),
            Auth = new SignInFlow.ClientCredentials(settings.SignIn.ClientId, new Secret(settings.SignIn.ClientSecret)),
            StartFrom = StartFrom.Snapshot,
            // An hour passes at once here, and silence is what is left of it.
            SilenceAfter = TimeSpan.FromDays(2),
        };
        var database = await PostgresFixture.CreateDatabaseAsync();
        await Migrations.ApplyAsync(database, new CapturedLog().CreateLogger("migrate"), CancellationToken.None);
        return new(clock, simulated, database, change?.Invoke(options) ?? options, loggers?.Invoke(clock));
    }

    /// <summary>The worker starts; with it everything that is remembered in memory only begins anew.</summary>
    public void Start()
    {
        _stop = new();
        _life = LiveAsync(_stop.Token);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _life!;
        }
        catch (OperationCanceledException)
        {
            // As told.
        }
        _life = null;
    }

    /// <summary>What is on the bus now will never be received.</summary>
    public async Task MissAsync() => _missed = Org.Bus.EventCount - await ScalarAsync<long>("select coalesce(max(event), 0) from salesforce_sync.cursor");

    /// <summary>Nobody answers at Salesforce's addresses any more.</summary>
    public async Task EndSalesforceAsync()
    {
        _salesforceEnded = true;
        await Simulated.DisposeAsync();
    }

    /// <summary>Lets time pass, in steps, whatever is going on.</summary>
    public async Task PassBusyAsync(TimeSpan span, TimeSpan step)
    {
        for (var until = Clock.GetUtcNow() + span; Clock.GetUtcNow() < until;)
        {
            Clock.Advance(step);
            await LetWorkAsync();
            if (_life is { IsCompleted: true })
                await _life;
        }
    }

    /// <summary>Lets time pass in which nothing is to be done.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        for (var until = Clock.GetUtcNow() + span; Clock.GetUtcNow() < until;)
        {
            if (_partitioned != Clock.GetUtcNow().Date)
                await new EventPartitions(_source, Clock, _loggers.CreateLogger<EventPartitions>()).EnsureAsync(CancellationToken.None);
            _partitioned = Clock.GetUtcNow().Date;
            var left = until - Clock.GetUtcNow();
            Clock.Advance(left < Jump ? left : Jump);
            await SettleAsync();
        }
    }

    /// <summary>Waits, in short steps of time, until nothing is under way and nothing is known to be missing.</summary>
    public async Task SettleAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        var isIdle = 0;
        for (var step = 0; isIdle < 2; step++)
        {
            if (_life is null or { IsCompleted: true })
            {
                if (_life is not null)
                    await _life;
                return;
            }
            // What is not over soon waits for company, a job, or its next try.
            Clock.Advance(step < UsualSteps ? Tick : LongTick);
            await LetWorkAsync();
            isIdle = await IsIdleAsync() ? isIdle + 1 : 0;
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new TimeoutException($"still busy at {Clock.GetUtcNow():u}: {await WorkAsync()}\n{_log}");
        }
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql);
    }

    /// <summary>What was fetched, and why.</summary>
    public Task<string?> RepairsAsync() => ScalarAsync<string>("select string_agg(concat_ws(' ', object, record_id, reason, event), ', ') from salesforce_sync.repair");

    public async Task ShouldEqualTruthAsync(ComparisonRules? rules = null)
    {
        var result = await ReplicaComparison.CompareAsync(Org.Truth(), _database, Options.Schema, rules ?? new(), CancellationToken.None);
        result.Equal.ShouldBeTrue($"{result}\n{string.Join('\n', result.Differences)}\n{_log}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_life is not null)
            await StopAsync();
        if (!_salesforceEnded)
            await Simulated.DisposeAsync();
        await _source.DisposeAsync();
        _loggers.Dispose();
        _stop.Dispose();
    }

    /// <summary>
    /// A loop that has done its work waits for the next tick. Time goes on when as many wait as did before, so that no tick finds them at work: each costs all
    /// of them a look at the database.
    /// </summary>
    private async Task LetWorkAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        do
            await Task.Delay(Look, TimeProvider.System, CancellationToken.None);
        while (Clock.Within(Tick) < _waiting && TimeProvider.System.GetElapsedTime(began) < LongestWork);
        // One that waits for longer than a tick now is not waited for again.
        _waiting = TimeProvider.System.GetElapsedTime(began) < LongestWork ? Math.Max(_waiting, Clock.Within(Tick)) : Clock.Within(Tick);
    }

    private async Task LiveAsync(CancellationToken stop)
    {
        using var channel = new GrpcChannel(Options.PubSubEndpoint, Clock);
        using var http = new SalesforceHttp(new ApiLedger(_source, Options.ApiBudget, Clock, _loggers.CreateLogger<ApiLedger>()), Clock, _loggers.CreateLogger<SalesforceHttp>());
        using var tokens = new TokenSource(Options, http, new RotatedTokenStore(_source), Clock, _loggers.CreateLogger<TokenSource>());
        var client = new SalesforceSync.Salesforce.PubSubClient(channel, tokens, Options.Name, Clock, _loggers.CreateLogger<SalesforceSync.Salesforce.PubSubClient>());
        await new EventPartitions(_source, Clock, _loggers.CreateLogger<EventPartitions>()).EnsureAsync(stop);
        await using var lease = await Lease.TryTakeAsync(_source, Options.Name, TimeProvider.System, _loggers.CreateLogger<Lease>(), stop);
        lease.ShouldNotBeNull();
        await using var work = new TaskGroup(stop);
        work.Start("lease", lease.KeepAsync);
        work.Start("pipeline", new OrgPipeline(
            Options, _source, lease.Ownership, client, new RestClient(Options, tokens, http), new BulkClient(Options, tokens, http), new SchemaStore(_source),
            new OrgProgress(Options.Name, Clock), TransactionTraces.None, Clock, _loggers).RunAsync);
        await work.WhenAllAsync();
    }

    private async Task<bool> IsIdleAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        var values = new { Objects = Options.StartFrom == StartFrom.Snapshot ? Org.Objects.Count(o => Options.Objects.For(o.Name).Include) : 0, Events = Org.Bus.EventCount, Missed = _missed };
        return await connection.ExecuteScalarAsync<bool?>(IsIdle, values) == true;
    }

    private Task<string?> WorkAsync() => ScalarAsync<string>("""
        select concat_ws('; ', (select string_agg(concat_ws(' ', object, kind, state, message), ', ') from salesforce_sync.read where state in ('waiting', 'reading', 'merging')),
            (select string_agg(concat_ws(' ', object, record_id, reason, message), ', ') from (select * from salesforce_sync.repair where state = 'open' limit 5) r),
            (select count(*) || ' gaps' from salesforce_sync.coverage where state = 'gap' and to_event is null), (select string_agg(state || event, ',') from
            (select stage as state, event from salesforce_sync.cursor) c))
        """);
}
