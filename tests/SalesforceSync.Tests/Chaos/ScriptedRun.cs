using Dapper;
using Microsoft.Extensions.Logging;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Salesforce;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.EndToEnd;
using SalesforceSync.Tests.Worlds;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;

namespace SalesforceSync.Tests.Chaos;

/// <summary>
/// The same small life of an org each time, with the product's own parts and as its supervisor runs them: a snapshot, transactions of several kinds, a gap
/// event that is repaired, a lost event that a sweep finds. Whatever fails ends the parts, and new ones begin from what the database says.
/// </summary>
internal sealed class ScriptedRun : IAsyncDisposable
{
    private const int MostRounds = 200;

    private const int MostLives = 12;

    /// <summary>Two objects, snapshots first, readings in small parts.</summary>
    private static readonly WorldKind Kind = new(4);

    private readonly RunLane _lane;
    private readonly NthCall _call;
    private readonly OrgClock _clock;
    private readonly SimulatedSalesforce _simulated;
    private readonly OrgOptions _options;
    private readonly CapturedLog _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly List<string> _failures = [];
    private Lease? _lease;
    private WorldLife? _life;

    private ScriptedRun(RunLane lane, NthCall call, OrgClock clock, SimulatedSalesforce simulated, string name)
    {
        (_lane, _call, _clock, _simulated) = (lane, call, clock, simulated);
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_log));
        var rules = simulated.Settings.SignIn;
        _options = new OrgOptions
        {
            Name = name,
            Schema = RunLane.Tables,
            LoginUrl = new Uri(simulated.LoginUrl),
            PubSubEndpoint = new Uri(simulated.PubSubEndpoint),
            Auth = new SignInFlow.ClientCredentials(rules.ClientId, new Secret(rules.ClientSecret)),
            StartFrom = StartFrom.Snapshot,
        };
    }

    private SimulatedOrg Org => _simulated.Org;

    /// <summary>Lives once and compares; throws what is wrong.</summary>
    public static async Task<ScriptedRunResult> LiveAsync(RunLane lane, NthCall call, string name, Func<Exchange, Fate>? judge = null)
    {
        var clock = new OrgClock(new FrozenTime());
        var settings = new SimulatorSettings
        {
            Org = new() { Seed = Kind.Seed, Objects = Kind.Objects, Channels = new Dictionary<string, IReadOnlyList<string>>() },
            Bulk = new() { PageRows = Kind.PageRows },
            Before = new FailingDoor(call).PassAsync,
        };
        await using var run = new ScriptedRun(lane, call, clock, await SimulatedSalesforce.StartAsync(settings, clock, CancellationToken.None), name);
        lane.Expect(call, judge);
        try
        {
            await run.LiveAsync();
            return await new ScriptedRunProof(lane, run._simulated, run._options, run._log).ProveAsync(run._failures);
        }
        catch (Exception wrong)
        {
            throw new InvalidOperationException($"{call}: {wrong.Message}\nfailures met: {string.Join("; ", run._failures)}\n{run._log}", wrong);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndLifeAsync();
        await _lane.EmptyAsync();
        await _simulated.DisposeAsync();
        _loggers.Dispose();
    }

    private async Task LiveAsync()
    {
        var script = new RunScript(Org, _simulated.Faults);
        script.Existing();
        await RestAsync();
        foreach (var chapter in script.Chapters)
        {
            chapter();
            await RoundAsync();
        }
        await RestAsync();
        script.LoseAnEvent();
        Pass(TimeSpan.FromMinutes(2));
        await RestAsync();
        await AskForSweepAsync();
        await RestAsync();
    }

    /// <summary>Nothing happens in the org: all that is left is done, until nothing is open.</summary>
    private async Task RestAsync()
    {
        var idle = 0;
        for (var round = 0; round < MostRounds; round++)
        {
            Pass(TimeSpan.FromSeconds(idle > 0 ? 61 : 2));
            idle = await RoundAsync() ? 0 : idle + 1;
            if (idle >= 2 && await IsDoneAsync())
                return;
        }
        throw new InvalidOperationException($"does not come to rest: {(_life is null ? "no life" : await _life.OpenThingsAsync())}");
    }

    /// <summary>Everybody takes their steps in turn.</summary>
    private async Task<bool> RoundAsync()
    {
        var worked = await DoAsync(ReceiveAsync);
        while (await DoAsync(life => life.ApplyAsync()))
        {
        }
        for (var part = 0; part < 3; part++)
        {
            for (var step = 0; step < 10 && await DoAsync(life => life.ReadAsync(part)); step++)
                worked = true;
        }
        return worked;
    }

    private async Task<bool> ReceiveAsync(WorldLife life)
    {
        if (_call.Count(Callee.Stream) is null)
            return await life.ReceiveAsync(25);
        life.Cut();
        return true;
    }

    /// <summary>As the supervisor does: what fails ends all parts, and they begin anew.</summary>
    private async Task<bool> DoAsync(Func<WorldLife, Task<bool>> act)
    {
        while (true)
        {
            try
            {
                return await act(_life ?? await BeginLifeAsync());
            }
            // Only a person could go on after these, and no call that fails once may ask for one.
            catch (Exception failure) when (failure is not (SignInRefusedException or OtherOrgException or ChannelHaltedException) && _failures.Count < MostLives)
            {
                _failures.Add($"{failure.GetType().Name}: {failure.Message}");
                await EndLifeAsync();
                Pass(TimeSpan.FromSeconds(1));
            }
        }
    }

    private async Task<WorldLife> BeginLifeAsync()
    {
        var asked = TimeProvider.System.GetTimestamp();
        // Whoever took the org and never learned it has a session that ends in a moment.
        Lease? lease;
        while ((lease = await Lease.TryTakeAsync(_lane.Proxied, _options.Name, TimeProvider.System, _loggers.CreateLogger("lease"), CancellationToken.None)) is null)
        {
            if (TimeProvider.System.GetElapsedTime(asked) > Lease.Duration / 2)
                throw new InvalidOperationException("the org does not become free");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }
        _lease = lease;
        return _life = await WorldLife.BeginAsync(
            _options, Kind, Org, _lane.Proxied, lease.Ownership, () => _call.Count(Callee.Stream) is not null, _clock, _loggers);
    }

    private async Task EndLifeAsync()
    {
        if (_life is not null)
            await _life.DisposeAsync();
        if (_lease is not null)
            await _lease.DisposeAsync();
        (_life, _lease) = (null, null);
    }

    private async Task AskForSweepAsync()
    {
        foreach (var name in Kind.Objects)
        {
            await DoAsync(async life =>
            {
                await new Reads(_lane.Direct, life.Ownership).RequestAsync(new(name, _options.Channels[0], ReadKind.Sweep, "schedule", Proves: true), CancellationToken.None);
                return true;
            });
        }
    }

    private async Task<bool> IsDoneAsync()
    {
        await using var connection = await _lane.Direct.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>(
            """
            select exists (select from salesforce_sync.object where org = @Name and state = 'copied')
                and not exists (select from salesforce_sync.object where org = @Name and state <> 'copied')
                and not exists (select from salesforce_sync.repair where org = @Name and state = 'open')
                and not exists (select from salesforce_sync.coverage where org = @Name and state = 'gap' and to_event is null)
                and not exists (select from salesforce_sync.read where org = @Name and state in ('waiting', 'reading', 'merging'))
                and not exists (select from salesforce_sync.deletion where org = @Name)
            """, new { _options.Name });
    }

    private void Pass(TimeSpan time)
    {
        _clock.Advance(time);
        Org.Bus.Settle();
    }
}
