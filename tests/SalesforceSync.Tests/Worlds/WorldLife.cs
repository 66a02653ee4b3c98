using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;
using SalesforceSync.Protocol;
using SalesforceSync.Receive;
using SalesforceSync.Salesforce;
using SalesforceSync.Simulator.Org;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// The product's own parts of one org between two crashes, without the loops that drive them: whoever has a schedule takes their steps. What is left behind
/// when it is thrown away is what lies in Postgres.
/// </summary>
internal sealed class WorldLife : IAsyncDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    private readonly OrgOptions _options;
    private readonly WorldKind _kind;
    private readonly SimulatedOrg _org;
    private readonly WorldStream _stream;
    private readonly SchemaStore _schemas;
    private readonly Dictionary<string, EventSchema> _compiled = [];
    private readonly Handoff _handoff;
    private readonly ChannelStart _start;
    private readonly GrpcChannel _channel;
    private readonly SalesforceHttp _http;
    private readonly TokenSource _tokens;
    private readonly OrgReadings _readings;
    private readonly NpgsqlDataSource _source;
    private readonly Func<bool> _schemaFails;
    private bool _listening;

    private WorldLife(
        OrgOptions options, WorldKind kind, SimulatedOrg org, NpgsqlDataSource source, Ownership ownership, ChannelStart start, long highest, Func<bool> schemaFails, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _kind, _org, _start, _source, _schemaFails, Ownership) = (options, kind, org, start, source, schemaFails, ownership);
        var logger = loggers.CreateLogger("world");
        var channel = options.Channels[0];
        _stream = new WorldStream(org, org.FindTopic(channel)!);
        _schemas = new SchemaStore(source);
        var store = new EventStore(source, ownership, channel);
        _handoff = new Handoff(store.ReadAsync, start.Received.Event);
        Intake = new Intake(
            store, new LostPosition(source, ownership, channel), _handoff, new EventNumbers(highest), new ReceiveProgress(time), UnderstandAsync,
            new StoredSpans(TransactionTraces.None, options.Name, channel), time, logger, options.Name);
        Writer = new RowWriter(options.Name, options.Schema, RuleOf, logger);
        Apply = new ApplyLoop(source, ownership, store, _handoff, new CompiledSchemas(_schemas.FindAsync), Writer, options.Schema, new ApplyProgress(), TransactionTraces.None, time, logger);
        _channel = new GrpcChannel(options.PubSubEndpoint, time);
        _http = new SalesforceHttp(new ApiLedger(source, options.ApiBudget, time, loggers.CreateLogger<ApiLedger>()), time, logger);
        _tokens = new TokenSource(options, _http, new RotatedTokenStore(source), time, logger);
        var client = new PubSubClient(_channel, _tokens, options.Name, time, loggers.CreateLogger<PubSubClient>());
        _readings = new OrgReadings(
            options, source, ownership, client, new RestClient(options, _tokens, _http), new BulkClient(options, _tokens, _http), _schemas, RuleOf, time, loggers, kind.Sizes);
    }

    public Ownership Ownership { get; }

    public Intake Intake { get; }

    public ApplyLoop Apply { get; }

    public RowWriter Writer { get; }

    private IAsyncDisposable? Session { get; set; }

    public static async Task<WorldLife> BeginAsync(
        OrgOptions options, WorldKind kind, SimulatedOrg org, NpgsqlDataSource source, Ownership ownership, Func<bool> schemaFails, TimeProvider time, ILoggerFactory loggers)
    {
        var named = options.Objects.Named.Select(o => o.Key).Append(ObjectSelection.Rest);
        await new SelectionRecord(source, ownership, options.Schema).UpdateAsync(new(named.ToDictionary(name => name, name => ObjectRule.Of(options, name))), CancellationToken.None);
        var cursors = new Cursors(source, ownership);
        var highest = await cursors.HighestNumberAsync(CancellationToken.None);
        var start = await cursors.StartAsync(options.Channels[0], options.PubSubEndpoint.Host, CancellationToken.None);
        var life = new WorldLife(options, kind, org, source, ownership, start, highest, schemaFails, time, loggers);
        await life.Intake.StartAsync(start, CancellationToken.None);
        life.Session = await life.Apply.OpenAsync(CancellationToken.None);
        return life;
    }

    /// <summary>One response is received and stored; the position may turn out to be lost.</summary>
    /// <returns>False when it was an empty one.</returns>
    public async Task<bool> ReceiveAsync(int most)
    {
        if (!_listening && !await ListenAsync())
            return true;
        var item = _stream.Next(most);
        try
        {
            await Intake.TakeAsync([item], Quiet, CancellationToken.None);
        }
        catch (GrpcException)
        {
            Cut();
            return true;
        }
        catch (PositionLostException lost)
        {
            Cut();
            await LoseAsync(lost.Reason);
            return true;
        }
        return item is StreamItem.Events;
    }

    /// <summary>The call ends; the next one resumes.</summary>
    public void Cut() => _listening = false;

    public async Task<bool> ApplyAsync()
    {
        if (!Apply.HasNews)
            return false;
        await Apply.StepAsync(CancellationToken.None);
        return true;
    }

    /// <summary>One step of what reads from Salesforce.</summary>
    /// <param name="part">0 to 2: snapshots, repairs, sweeps.</param>
    public Task<bool> ReadAsync(int part) => part switch
    {
        0 => _readings.Snapshot.StepAsync(CancellationToken.None),
        1 => _readings.Repair.StepAsync(CancellationToken.None),
        _ => _readings.Sweep.StepAsync(CancellationToken.None),
    };

    /// <summary>Everything is compared with the org, or read anew.</summary>
    public async Task SweepAllAsync(bool deep)
    {
        var reads = new Reads(_source, Ownership);
        await using var connection = await _source.OpenConnectionAsync();
        foreach (var (name, channel) in await connection.QueryAsync<(string, string)>(
            "select object, channel from salesforce_sync.object where org = @Org and state = 'copied'", new { Org = _options.Name }))
        {
            await reads.RequestAsync(
                new(name, channel, deep ? ReadKind.Snapshot : ReadKind.Sweep, deep ? "verify" : "schedule", Proves: true), CancellationToken.None);
        }
    }

    /// <summary>Everything of one object is read anew.</summary>
    public Task ReadAnewAsync(string name) =>
        new Reads(_source, Ownership).RequestAsync(new(name, _options.Channels[0], ReadKind.Snapshot, "verify", Proves: true), CancellationToken.None);

    /// <summary>What the database says; the org's name is @Name.</summary>
    public async Task<T?> AskAsync<T>(string sql)
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql, new { _options.Name });
    }

    /// <summary>A reading or a describe has shown the field.</summary>
    public async Task<bool> HasShownAsync(string objectName, string field)
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>(
            "select exists (select from salesforce_sync.field where org = @Name and object = @Object and field = @Field and visible_at is not null)",
            new { _options.Name, Object = objectName, Field = field });
    }

    /// <summary>Nothing is open.</summary>
    /// <param name="gapsMayWait">But gaps, for a reading that proves more.</param>
    public async Task<bool> IsDoneAsync(bool gapsMayWait)
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>(
            """
            select not exists (select from salesforce_sync.repair where org = @Name and state = 'open')
                and not exists (select from salesforce_sync.coverage where org = @Name and state = 'gap' and to_event is null and not (@Wait and not evidence ? 'field'))
                and not exists (select from salesforce_sync.read where org = @Name and state in ('waiting', 'reading', 'merging'))
                and not exists (select from salesforce_sync.deletion where org = @Name)
            """, new { _options.Name, Wait = gapsMayWait });
    }

    /// <summary>A frozen object of which no gap tells, or null.</summary>
    public async Task<string?> FrozenWithoutGapAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<string?>(
            """
            select o.object from salesforce_sync.object o where o.org = @Name and o.state = 'frozen' and not exists (
                select from salesforce_sync.coverage g where g.org = o.org and coalesce(g.object, o.object) = o.object and g.state = 'gap' and g.to_event is null and not g.evidence ? 'field')
            """, new { _options.Name });
    }

    public async Task<bool> HasFrozenAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>("select exists (select from salesforce_sync.object where org = @Name and state = 'frozen')", new { _options.Name });
    }

    public async Task<bool> HasLostSinceAsync(DateTimeOffset since)
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>(
            "select exists (select from salesforce_sync.coverage where org = @Name and evidence ? 'start' and recorded_at >= @Since)", new { _options.Name, Since = since.UtcDateTime });
    }

    /// <summary>All there is on the bus is received and applied.</summary>
    public async Task CatchUpAsync()
    {
        for (var response = 0; response < 20 && await ReceiveAsync(100); response++)
        {
        }
        while (await ApplyAsync())
        {
        }
    }

    /// <summary>A record of which only a part is known, or null.</summary>
    public async Task<string?> IncompleteAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        foreach (var name in await connection.QueryAsync<string>("select object from salesforce_sync.object where org = @Name", new { _options.Name }))
        {
            var table = Sql.Quote(_options.Schema, PostgresName.Of(name));
            if (await connection.ExecuteScalarAsync<bool>("select to_regclass(@table) is not null", new { table })
                && await connection.ExecuteScalarAsync<string?>($"select id from {table} where _sync_incomplete and not _sync_deleted limit 1") is { } id)
                return $"{name} {id}";
        }
        return null;
    }

    public async Task<string> OpenThingsAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<string>(
            """
            select jsonb_build_object(
                'repairs', (select jsonb_agg(to_jsonb(r)) from (select object, record_id, reason, event, tries, next_at, message from salesforce_sync.repair where org = @Name and state = 'open' limit 10) r),
                'gaps', (select jsonb_agg(to_jsonb(c)) from salesforce_sync.coverage c where org = @Name and state in ('gap', 'repaired')),
                'hidden', (select jsonb_agg(to_jsonb(f)) from salesforce_sync.field f where org = @Name and (hidden_at is not null or removed_at is not null or state <> 'written' or field like 'Drift%')),
                'objects', (select jsonb_agg(to_jsonb(o)) from salesforce_sync.object o where org = @Name and state <> 'copied'),
                'readings', (select jsonb_agg(to_jsonb(r)) from salesforce_sync.read r where org = @Name and state in ('waiting', 'reading', 'merging')))::text
            """, new { _options.Name }) ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        if (Session is not null)
            await Session.DisposeAsync();
        _tokens.Dispose();
        _http.Dispose();
        _channel.Dispose();
    }

    private async Task<bool> ListenAsync()
    {
        var begin = Intake.StartCall(_options.StartFrom == StartFrom.Earliest);
        _listening = _start.Missing is null && _stream.Start(begin);
        if (!_listening)
            await LoseAsync("refused");
        return _listening;
    }

    private Task LoseAsync(string reason) => Intake.LoseAsync(reason, "Repair", _kind.SkipsWhenLost, _options.PubSubEndpoint.Host, Quiet, CancellationToken.None);


    private async ValueTask<UnderstoodEvent> UnderstandAsync(RawEvent raw, CancellationToken stop)
    {
        if (!_compiled.TryGetValue(raw.SchemaId, out var schema))
        {
            var (json, _) = await _schemas.FindOrFetchAsync(raw.SchemaId, (id, _) => Task.FromResult(
                _schemaFails() ? throw new GrpcException(GrpcStatusCode.Unavailable, "no schemas just now") : _org.FindSchema(id)!.Json), stop);
            _compiled[raw.SchemaId] = schema = EventSchema.Compile(raw.SchemaId, json);
        }
        return new(raw, DateTimeOffset.FromUnixTimeMilliseconds(schema.DecodeHeader(raw.Payload).CommitTimestamp));
    }

    private ObjectRule RuleOf(string entity) => ObjectRule.Of(_options, entity);
}
