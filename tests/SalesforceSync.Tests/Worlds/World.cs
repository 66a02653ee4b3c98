using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Explain;
using SalesforceSync.Simulator.Comparison;
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
    /// <summary>Rounds without anything done before a world may count as at rest.</summary>
    private const int RestAfter = 1;

    private const int MostRounds = 400;

    /// <summary>The schema of the tables, which all worlds of a database use in turn: statements that are prepared stay so.</summary>
    private const string Tables = "world";

    private readonly Random _random;
    private readonly WorldTally _tally;
    private readonly WorldTime _time;
    private readonly NpgsqlDataSource _source;
    private readonly string _database;
    private readonly CapturedLog _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly WorldKind _kind;
    private readonly WorldActs _acts;
    private readonly WorldMoments? _moments;
    private OrgOptions _options;
    private Lease _lease = null!;
    private WorldLife _life = null!;

    private World(WorldKind kind, SimulatedSalesforce simulated, WorldActs acts, OrgOptions options, string database, NpgsqlDataSource source, WorldTime time, WorldTally tally)
    {
        (_kind, Simulated, _acts, _options, _database, _source, _time, _tally) = (kind, simulated, acts, options, database, source, time, tally);
        _random = new Random(kind.Seed);
        _moments = kind.HasTroubles ? new WorldMoments(simulated.Org, kind.Seed, Pass, tally) : null;
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_log));
    }

    public SimulatedSalesforce Simulated { get; }

    public static async Task<World> CreateAsync(int seed, string name, string database, NpgsqlDataSource source, WorldTime time, WorldTally tally)
    {
        var kind = new WorldKind(seed);
        await time.BeginAsync(seed);
        World? world = null;
        var settings = new SimulatorSettings
        {
            Org = new() { Seed = seed, Objects = kind.Objects, Channels = new Dictionary<string, IReadOnlyList<string>>() },
            Bulk = new() { PageRows = kind.PageRows, BeforeSlice = (_, slice) => world!.UnderJob(slice), Refused = kind.Refused is { } refused ? [refused] : [] },
        };
        var simulated = await SimulatedSalesforce.StartAsync(settings, time, CancellationToken.None);
        var acts = new WorldActs(simulated, kind, tally);
        var rules = simulated.Settings.SignIn;
        var options = new OrgOptions
        {
            Name = name,
            Schema = Tables,
            LoginUrl = new Uri(simulated.LoginUrl),
            PubSubEndpoint = new Uri(simulated.PubSubEndpoint),
            Auth = new SignInFlow.ClientCredentials(rules.ClientId, new Secret(rules.ClientSecret)),
            StartFrom = kind.BeginsWithStream ? StartFrom.Earliest : StartFrom.Snapshot,
        };
        world = new World(kind, simulated, acts, options, database, source, time, tally);
        await world.BeginLifeAsync();
        return world;
    }

    /// <summary>Lives through so many transactions, then comes to rest and is compared: once as the stream and its repairs have left it, once after a comparison.</summary>
    public async Task LiveAsync(int transactions)
    {
        // What was there before the first event no stream tells.
        if (!_kind.BeginsWithStream || _kind.NeedsSweep)
            _acts.Existing(_random.Next(20, 120));
        while (_acts.Transactions < transactions)
            await HappenAsync();
        if (_options.Objects != ObjectSelection.All)
            await ChooseAsync(ObjectSelection.All);
        var over = _time.GetUtcNow();
        _acts.MakeWhole();
        await RestAsync(gapsMayWait: true);
        // With the position the events went that tell such fields apart.
        if (await _life.HasLostSinceAsync(over))
        {
            _acts.TouchAll();
            await RestAsync(gapsMayWait: true);
        }
        if (!_kind.NeedsSweep)
            await CompareAsync("before the sweep");
        if (await _life.IncompleteAsync() is { } stub)
            throw new InvalidOperationException($"{this}: {stub} is known only in part, and nobody asks for the rest\n{_log}");
        if (_kind.EndsWithSweep)
        {
            await _life.SweepAllAsync(deep: _kind.LosesEvents || _acts.IsBehindStamps);
            await RestAsync(gapsMayWait: false);
            await CompareAsync("in the end");
        }
        if (_kind.Scene is { } scene)
            await PlayAsync(scene);
        _tally.Count(WorldTally.Transactions, _acts.Transactions);
        if (Canaries.Of(Simulated).FirstIn(_log.Lines.Select(line => line.Text)) is { } line)
            throw new InvalidOperationException($"{this} has logged a secret: {line}");
    }

    private async Task PlayAsync(WorldScene scene)
    {
        var mend = await new WorldScenes(Simulated, () => _life, Pass, () => RestAsync(gapsMayWait: true), () => ChooseAsync(_options.Objects), _tally).PlayAsync(scene);
        await RestAsync(gapsMayWait: true, frozen: mend is not null);
        if (mend is not null)
        {
            if (await _life.FrozenWithoutGapAsync() is { } frozen)
                throw new InvalidOperationException($"{this}: {frozen} is frozen and counts as copied without a gap\n{_log}");
            if (!await _life.HasFrozenAsync())
                throw new InvalidOperationException($"{this}: nothing is frozen though an object is hidden\n{_log}");
            mend();
            await RestAsync(gapsMayWait: false);
        }
        await CompareAsync($"after {scene}");
    }

    public async ValueTask DisposeAsync()
    {
        await EndLifeAsync();
        await DropTablesAsync();
        await Simulated.DisposeAsync();
        _loggers.Dispose();
    }

    public override string ToString() => $"world {_kind.Seed}";

    private async Task HappenAsync()
    {
        if (_moments is not null && await _moments.ComesAsync(_life))
            return;
        switch (_random.Next(100))
        {
            case < 46:
                _acts.Next();
                break;
            case < 64:
                await _life.ReceiveAsync(_random.Next(1, 25));
                break;
            case < 79:
                await _life.ApplyAsync();
                break;
            case < 92:
                Pass(TimeSpan.FromMilliseconds(_random.Next(50, 3_000)));
                await _life.ReadAsync(_random.Next(3));
                break;
            case < 95:
                _tally.Count("cut");
                _life.Cut();
                break;
            case < 97:
                _tally.Count("crash");
                await ChooseAsync(_kind.Chooses ? AnySelection() : _options.Objects);
                break;
            case < 98:
                _tally.Count("pause");
                Pass(TimeSpan.FromMinutes(_random.Next(1, 120)));
                break;
            default:
                await StrikeAsync();
                break;
        }
    }

    /// <summary>Between two parts of the rows of a job work goes on, and so does the stream.</summary>
    private void UnderJob(int slice)
    {
        _acts.WhileReading();
        if (!_acts.IsOver)
            _moments?.UnderJobAsync(_life, slice).GetAwaiter().GetResult();
    }

    /// <summary>Time passes for the org and for the product.</summary>
    private void Pass(TimeSpan time)
    {
        _time.Pass(time);
        Simulated.Org.Bus.Settle();
    }

    private async Task StrikeAsync()
    {
        // A change in the very second of one that was still told of has the same stamp, and nothing would tell of it.
        if (_kind.NeedsSweep)
            Pass(TimeSpan.FromSeconds(1));
        var hid = _acts.Hides;
        _acts.MayHide = _kind.HidesFields && await _life.HasShownAsync("Account", "Site");
        // Three days pass before events are forgotten: no call lasts as long, let alone one that is behind by so much.
        if (_acts.Strike())
            _life.Cut();
        if (_acts.Hides == hid)
            return;
        // What is hidden for a moment nobody can notice: in this world somebody looks.
        await _life.SweepAllAsync(deep: false);
        await RestAsync(gapsMayWait: true, frozen: _acts.Hides);
        if (await _life.FrozenWithoutGapAsync() is { } frozen)
            throw new InvalidOperationException($"{this}: {frozen} is frozen and counts as copied without a gap\n{_log}");
    }

    private ObjectSelection AnySelection()
    {
        if (_options.Objects != ObjectSelection.All)
            return ObjectSelection.All;
        _tally.Count("object left out");
        return new(new Dictionary<string, ObjectOptions> { [_acts.AnyObject()] = new() { Include = false } });
    }

    /// <summary>The program ends where it stands, and begins with this choice of objects.</summary>
    private async Task ChooseAsync(ObjectSelection objects)
    {
        await EndLifeAsync();
        _options = _options with { Objects = objects };
        await BeginLifeAsync();
    }

    /// <summary>Nothing happens in the org any more: all that is left is done, until there is nothing.</summary>
    /// <param name="gapsMayWait">For the next comparison.</param>
    /// <param name="frozen">What is hidden keeps its gap and its repairs open.</param>
    private async Task RestAsync(bool gapsMayWait, bool frozen = false)
    {
        var idle = 0;
        var last = "";
        for (var round = 0; round < MostRounds; round++)
        {
            Pass(TimeSpan.FromSeconds(idle > 0 ? 61 : 2));
            var worked = await RoundAsync();
            last = worked.Length > 0 ? worked : last;
            idle = worked.Length > 0 ? 0 : idle + 1;
            if (idle >= RestAfter && (frozen || await _life.IsDoneAsync(gapsMayWait && _kind.ReadsSince)))
                return;
        }
        throw new InvalidOperationException($"{this} does not come to rest (at work last: {last}): {await _life.OpenThingsAsync()}\n{_log}");
    }

    /// <summary>Who has done something.</summary>
    private async Task<string> RoundAsync()
    {
        var worked = await _life.ReceiveAsync(100) ? "receive" : "";
        while (await _life.ApplyAsync())
        {
        }
        for (var part = 0; part < 3; part++)
        {
            for (var step = 0; step < 10 && await _life.ReadAsync(part); step++)
                worked = $"{worked} {part}";
        }
        return worked;
    }

    private async Task CompareAsync(string when)
    {
        var rules = new ComparisonRules { Repaired = true, Org = _options.Name };
        var result = await ReplicaComparison.CompareAsync(Simulated.Org.Truth(), _database, _options.Schema, rules, CancellationToken.None);
        _tally.Count(WorldTally.RecordsCompared, result.Records);
        if (!result.Equal)
            throw new InvalidOperationException($"{this}, {when}: {result}\n{string.Join('\n', result.Differences)}\n{await LifeOfAsync(result)}\n{await _life.OpenThingsAsync()}\n{_log}");
        await using var connection = await _source.OpenConnectionAsync();
        var twice = await connection.ExecuteScalarAsync<long>(
            "select count(*) - count(distinct event_id) from salesforce_sync.event where org = @Name", new { _options.Name });
        if (twice != 0)
            throw new InvalidOperationException($"{this}, {when}: {twice} events are stored twice\n{_log}");
        var booked = await connection.ExecuteScalarAsync<long>("select coalesce(sum(calls), 0)::bigint from salesforce_sync.api_call where org = @Name", new { _options.Name });
        if (booked < Simulated.Counts.Rest + Simulated.Counts.Tokens)
            throw new InvalidOperationException($"{this}, {when}: {booked} calls booked, {Simulated.Counts.Rest} and {Simulated.Counts.Tokens} sign-ins came\n{_log}");
        _tally.Count("calls", booked);
    }

    /// <summary>What is known of the first record that differs.</summary>
    private async Task<string> LifeOfAsync(ComparisonResult result)
    {
        var (_, entries) = await new RecordLife(_source, _options.Name, _options.Schema, values: true).ReadAsync(result.Differences[0].Id, CancellationToken.None);
        return string.Join('\n', entries.Select(e => $"life: {e.At:u} {e.What} {e.Number} {string.Join("; ", e.Details.Where(d => d.Value is not null).Select(d => $"{d.Key}: {d.Value}"))}"));
    }

    private async Task BeginLifeAsync()
    {
        _lease = await Lease.TryTakeAsync(_source, _options.Name, TimeProvider.System, _loggers.CreateLogger("lease"), CancellationToken.None)
            ?? throw new InvalidOperationException($"{this}: the org is not free");
        _life = await WorldLife.BeginAsync(_options, _kind, Simulated.Org, _source, _lease.Ownership, _acts.IsSchemaMissing, _time, _loggers);
    }

    private async Task DropTablesAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        var tables = await connection.ExecuteScalarAsync<string>("select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_catalog.pg_tables where schemaname = @Tables", new { Tables });
        if (tables is not null)
            await connection.ExecuteAsync($"drop table {tables}");
    }

    private async Task EndLifeAsync()
    {
        await _life.DisposeAsync();
        await _lease.DisposeAsync();
    }
}
