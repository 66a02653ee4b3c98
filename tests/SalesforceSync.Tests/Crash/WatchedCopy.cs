using Dapper;
using Npgsql;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Crash;

/// <summary>A busy simulated org in this process, a fresh database whose every write goes into a ledger, and workers that are processes of their own.</summary>
internal sealed class WatchedCopy : IAsyncDisposable
{
    public const string Schema = "acme";

    private const string Unfinished = """
        select (select count(*) from salesforce_sync.repair where state = 'open') + (select count(*) from salesforce_sync.read where state in ('waiting', 'reading', 'merging'))
            + (select count(*) from salesforce_sync.coverage where state = 'gap' and to_event is null)
        """;

    // What was fetched is merged when the stream has spoken since: a quiet org says something once a second here.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<WorkerProcess> _workers = [];
    private readonly string _database;

    private WatchedCopy(SimulatedSalesforce simulated, string database, WorkloadOptions options)
    {
        (Simulated, _database) = (simulated, database);
        Source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 5, ApplicationName = "test" }.ConnectionString);
        Ledger = new(Source, Schema);
        Load = new(simulated.Org, options);
    }

    public SimulatedSalesforce Simulated { get; }

    public NpgsqlDataSource Source { get; }

    public Ledger Ledger { get; }

    public PacedLoad Load { get; }

    /// <param name="isEmpty">No migration was applied to the database yet.</param>
    public static async Task<WatchedCopy> CreateAsync(WorkloadOptions? options = null, SimulatorSettings? settings = null, bool isEmpty = false)
    {
        var simulated = await SimulatedSalesforce.StartAsync(settings ?? new() { Keepalive = TimeSpan.FromSeconds(1) }, TimeProvider.System, CancellationToken.None);
        var copy = new WatchedCopy(simulated, isEmpty ? await PostgresFixture.CreateEmptyDatabaseAsync() : await PostgresFixture.CreateDatabaseAsync(), options ?? new());
        await copy.Ledger.InstallAsync();
        return copy;
    }

    /// <summary>Starts one more worker; it ends with the copy at the latest.</summary>
    public Task<WorkerProcess> StartWorkerAsync(params (string Name, string Value)[] more) => StartCommandAsync([], more);

    /// <summary>Starts another command, configured as the workers are.</summary>
    public async Task<WorkerProcess> StartCommandAsync(string[] command, params (string Name, string Value)[] more)
    {
        var rules = Simulated.Settings.SignIn;
        var worker = await WorkerProcess.StartAsync(new (string Name, string Value)[]
        {
            ("ConnectionStrings__Postgres", _database), ("Orgs__acme__LoginUrl", Simulated.LoginUrl), ("Orgs__acme__PubSubEndpoint", Simulated.PubSubEndpoint),
            ("Orgs__acme__Auth__ClientId", rules.ClientId), ("Orgs__acme__Auth__ClientSecret", rules.ClientSecret), ("Orgs__acme__StartFrom", "Earliest"),
            ("Http__Port", "0"),
        }.Concat(more).Select(v => KeyValuePair.Create(v.Name, v.Value)), command);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Keeps the org busy until the worker has killed itself.</summary>
    public async Task DieAsync(WorkerProcess worker, int portion = 1)
    {
        await UntilAsync(
            () =>
            {
                Load.Commit(portion);
                return Task.FromResult(worker.HasEnded);
            },
            "the worker dies");
        (await worker.EndedAsync()).ShouldBe(WorkerProcess.Killed, worker.ToString());
    }

    /// <summary>Salesforce transactions applied so far.</summary>
    public Task<long> AppliedAsync() => CountAsync("select coalesce(max(transactions), 0) from salesforce_sync.org");

    /// <summary>Whether the org has committed something that is not applied yet.</summary>
    public async Task<bool> IsBehindAsync()
    {
        var topic = Simulated.Org.FindTopic(Topic.AllChanges)!;
        await using var connection = await Source.OpenConnectionAsync();
        var applied = await ScalarAsync<byte[]>(connection, "select replay_id from salesforce_sync.cursor where stage = 'applied'");
        return Simulated.Org.Bus.CommitsAfter(applied is null ? 0 : ReplayPosition.Read(applied)!.Value, topic, 1).Count > 0;
    }

    /// <summary>Waits until everything committed is applied.</summary>
    public Task CaughtUpAsync(TimeSpan? within = null) => UntilAsync(async () => !await IsBehindAsync(), "everything is applied", within);

    /// <summary>Waits until everything events could not tell is fetched too.</summary>
    public Task RepairedAsync() => UntilAsync(async () => !await IsBehindAsync() && await CountAsync(Unfinished) == 0, "everything is applied and repaired");

    /// <summary>Polls until something is so; no worker may have to be there.</summary>
    public async Task UntilAsync(Func<Task<bool>> isSo, string what, TimeSpan? within = null)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !await isSo();)
        {
            if (TimeProvider.System.GetElapsedTime(began) > (within ?? Patience)) throw new TimeoutException($"never so: {what}\n{_workers.LastOrDefault()}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>A number from the database; 0 while its table does not exist.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var connection = await Source.OpenConnectionAsync();
        return await ScalarAsync<long?>(connection, sql) ?? 0;
    }

    /// <summary>What each session of the database does or waits for, a line each.</summary>
    public async Task<string> ActivityAsync()
    {
        await using var connection = await Source.OpenConnectionAsync();
        return await ScalarAsync<string>(connection, """
            select string_agg(concat_ws(' ', pid, pg_blocking_pids(pid)::text, state, wait_event_type, wait_event, clock_timestamp() - state_change, left(query, 80)), E'\n')
            from pg_stat_activity where datname = current_database()
            """) ?? "";
    }

    /// <summary>Compares everything the stream told with what the org knows; records of gap events may be fetched yet or not.</summary>
    public async Task<CopyFaults> FaultsAsync()
    {
        var truth = Simulated.Org.Truth();
        var comparison = await ReplicaComparison.CompareAsync(truth, _database, Schema, new(), CancellationToken.None);
        var ledger = await Ledger.FaultsAsync(truth);
        var stored = await CountAsync("select count(distinct event_id) - 2 * (count(*) - count(distinct event_id)) from salesforce_sync.event");
        var applied = await AppliedAsync();
        var torn = await CountAsync("select sum(torn) from salesforce_sync.org");
        return new(comparison, ledger, stored - truth.Events, applied - (Load.Committed - Load.GapsAlone), torn, FirstSecret);
    }

    /// <summary>The first thing a worker said that holds a secret, or null.</summary>
    public string? FirstSecret => Canaries.Of(Simulated).FirstIn(_workers.SelectMany(worker => worker.Output.Split('\n').Append(worker.Errors)));

    /// <summary>Rows and values are the org's, whatever brought them there.</summary>
    public async Task ShouldEqualTruthAsync()
    {
        var result = await ReplicaComparison.CompareAsync(Simulated.Org.Truth(), _database, Schema, new() { Repaired = true }, CancellationToken.None);
        result.Equal.ShouldBeTrue($"{result}\n{string.Join('\n', result.Differences)}\n{_workers.LastOrDefault()}");
        FirstSecret.ShouldBeNull();
    }

    public async Task ShouldBeExactAsync()
    {
        var faults = await FaultsAsync();
        faults.Any.ShouldBeFalse($"{faults}\n{_workers.LastOrDefault()}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) await worker.DisposeAsync();
        await Simulated.DisposeAsync();
        await Source.DisposeAsync();
    }

    private static async Task<T?> ScalarAsync<T>(NpgsqlConnection connection, string sql)
    {
        try
        {
            return await connection.ExecuteScalarAsync<T>(sql);
        }
        catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return default;
        }
    }
}

/// <summary>Everything that can be wrong with a copy that has caught up.</summary>
/// <param name="StoredTooMany">Raw events stored beyond those published, or, below zero, missing or stored twice.</param>
/// <param name="AppliedTooMany">Transactions counted as applied beyond those committed, or, below zero, missing.</param>
/// <param name="Torn">Transactions the worker itself says it did not apply whole.</param>
/// <param name="Secret">What a worker said that holds a secret.</param>
internal sealed record CopyFaults(ComparisonResult Comparison, LedgerFaults Ledger, long StoredTooMany, long AppliedTooMany, long Torn, string? Secret)
{
    public bool Any => !Comparison.Equal || Ledger.Any || StoredTooMany != 0 || AppliedTooMany != 0 || Torn != 0 || Secret is not null;

    public override string ToString() => $"""
        compared {Comparison.Records} records, {Comparison.Fields} fields: {Comparison.DifferenceCount} differences
        {string.Join('\n', Comparison.Differences)}
        ledger: {Ledger}
        stored {StoredTooMany:+0;-0;0}, applied {AppliedTooMany:+0;-0;0}, torn {Torn}{(Secret is null ? "" : $", a secret is said: {Secret}")}
        """;
}
