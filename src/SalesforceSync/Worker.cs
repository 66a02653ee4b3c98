using Microsoft.Extensions.Logging;
using Npgsql;
using Polly;
using Polly.Retry;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Status;
using SalesforceSync.Store;

namespace SalesforceSync;

/// <summary>
/// The whole program behind <c>run</c>: one supervisor per org over one database. What may pass is tried again for ever; what cannot ends it with an exit
/// code: 0 told to stop, 1 refused for good, 2 the role may not migrate.
/// </summary>
/// <param name="progress">Where its parts report how they stand.</param>
/// <param name="board">Kept up to date as long as it runs.</param>
internal sealed class Worker(SyncOptions options, ILoggerFactory loggers, WorkerHealth health, WorkerProgress progress, Board board, TimeProvider time)
{
    private static readonly TimeSpan MaintenanceEvery = TimeSpan.FromHours(1);

    private static readonly TimeSpan MaintenanceRetry = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = loggers.CreateLogger<Worker>();

    public async Task<int> RunAsync(CancellationToken stop)
    {
        await using var source = Postgres.Open(options.Postgres.Reveal);
        var partitions = new EventPartitions(source, time, loggers.CreateLogger<EventPartitions>());
        await using var watch = new TaskGroup(stop);
        watch.Start("health", new HealthFeed(source, options.Orgs, progress, health, time).RunAsync);
        try
        {
            await Reconnect().ExecuteAsync(async token => await PrepareAsync(source, partitions, token), stop);
            progress.Started();
            watch.Start("board", token => board.RunAsync(source, token));
            await using var orgs = new TaskGroup(stop);
            orgs.Start("partitions", token => MaintainAsync(partitions, token));
            var running = options.Orgs.Count;
            foreach (var org in options.Orgs)
            {
                orgs.Start(org.Name, async token =>
                {
                    await SuperviseAsync(org, source, token);
                    // The last org that can never be copied takes the program with it.
                    if (Interlocked.Decrement(ref running) == 0)
                        orgs.Cancel();
                });
            }
            await orgs.WhenAllAsync();
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception refused) when (refused is MigrationException or TransactionPoolerException)
        {
            _logger.DatabaseRefused(refused.Message);
            return 1;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            _logger.DatabaseRefused($"the database role may not bring the control schema up to date ({refused.MessageText}): run `salesforce-sync migrate` with a role that may");
            return 2;
        }
    }

    private async Task PrepareAsync(NpgsqlDataSource source, EventPartitions partitions, CancellationToken stop)
    {
        if (await TransactionPooler.IsBetweenAsync(source, stop))
            throw new TransactionPoolerException();
        await Migrations.ApplyAsync(source, Migrations.All, _logger, stop);
        await partitions.EnsureAsync(stop);
    }

    private async Task SuperviseAsync(OrgOptions org, NpgsqlDataSource source, CancellationToken stop)
    {
        using var channel = new GrpcChannel(org.PubSubEndpoint, time);
        using var http = new SalesforceHttp(new ApiLedger(source, org.ApiBudget, time, loggers.CreateLogger<ApiLedger>()), time, loggers.CreateLogger<SalesforceHttp>());
        using var tokens = new TokenSource(org, http, new RotatedTokenStore(source), time, loggers.CreateLogger<TokenSource>());
        var client = new PubSubClient(channel, tokens, org.Name, time, loggers.CreateLogger<PubSubClient>());
        var supervisor = new OrgSupervisor(
            org, source, client, new RestClient(org, tokens, http), new BulkClient(org, tokens, http), tokens, progress.Of(org.Name),
            new TransactionTraces(org.Name, options.Telemetry.TracedShare), time, loggers);
        await supervisor.RunAsync(stop);
    }

    private async Task MaintainAsync(EventPartitions partitions, CancellationToken stop)
    {
        while (true)
        {
            var pause = MaintenanceEvery;
            try
            {
                await partitions.EnsureAsync(stop);
                await partitions.DropOldAsync(options.Orgs.Max(o => o.EventRetention), stop);
            }
            catch (NpgsqlException failure)
            {
                pause = MaintenanceRetry;
                _logger.MaintenanceFailed(failure.Message, pause);
            }
            await Task.Delay(pause, time, stop);
        }
    }

    private ResiliencePipeline Reconnect() => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<NpgsqlException>(MayPass).Handle<TimeoutException>(),
            MaxRetryAttempts = int.MaxValue,
            Delay = TimeSpan.FromMilliseconds(200),
            MaxDelay = TimeSpan.FromSeconds(15),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            OnRetry = a =>
            {
                Tell(a.Outcome.Exception!, a.RetryDelay);
                return default;
            },
        }).Build();

    private void Tell(Exception failure, TimeSpan pause)
    {
        if (DatabaseRefusal.Remedy(failure) is { } remedy)
            _logger.StartRefused(DatabaseRefusal.What(failure), remedy, pause);
        else
            _logger.DatabaseUnavailable(failure.Message, pause);
    }

    /// <summary>Everything may pass (a password is mended, a database made while we wait) but a missing right: <c>migrate</c> is there for that.</summary>
    private static bool MayPass(NpgsqlException failure) =>
        failure is not PostgresException refused || refused.SqlState != PostgresErrorCodes.InsufficientPrivilege;
}
