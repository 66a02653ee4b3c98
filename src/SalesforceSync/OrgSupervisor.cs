using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Receive;
using SalesforceSync.Salesforce;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync;

/// <summary>Another org answers behind a configuration whose tables hold the first one's data.</summary>
internal sealed class OtherOrgException(string org, string stored, string found)
    : Exception($"{org}: the sign-in leads to org {found}, but the tables hold org {stored}; point the configuration back, or use another org name and schema for the new one");

/// <summary>
/// Keeps one org's pipeline running: takes the org when nobody has it, checks that it is the same org as ever, runs the pipeline, and begins anew after
/// what may pass. Ends only when told to stop or when a person has to act.
/// </summary>
internal sealed class OrgSupervisor(
    OrgOptions options, NpgsqlDataSource source, PubSubClient client, RestClient rest, BulkClient bulk, TokenSource tokens, OrgProgress progress,
    TransactionTraces traces, TimeProvider time, ILoggerFactory loggers)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    /// <summary>After a refusal only a person can lift: often enough to notice, seldom enough not to hammer.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(5);

    /// <summary>A pipeline that ran so long was no failing start: the next pause is short again.</summary>
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(30);

    private const string Identify = """
        update salesforce_sync.org set org_id = @Id where name = @Org and epoch = @Epoch and owner = @Owner and (org_id is null or org_id = @Id)
        """;

    private const string Stored = "select org_id from salesforce_sync.org where name = @Org";

    private readonly ILogger _logger = loggers.CreateLogger<OrgSupervisor>();
    private readonly ResubscribeDelay _delay = new(new Random());
    private readonly RefusalPause _refused = new(time);
    private bool _standingBy;

    /// <summary>Runs until told to stop; returns only when the org can never be copied as things are.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            var began = time.GetTimestamp();
            try
            {
                await RunOnceAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception refused) when (refused is SignInRefusedException or OtherOrgException)
            {
                _logger.OrgRefused(refused.Message);
                progress.Set(OrgState.Failed, refused.Message);
                await NoteAsync(OrgState.Failed, refused.Message);
                return;
            }
            catch (OwnershipLostException lost)
            {
                _logger.OrgLost(lost.Message);
            }
            catch (ChannelRefusedException refused)
            {
                _logger.OrgRefused(refused.Message);
                progress.Set(OrgState.Failed, refused.Message);
                await NoteAsync(OrgState.Failed, refused.Message);
                await Task.Delay(RefusedPause, time, stop);
            }
            catch (Exception failure)
            {
                if (time.GetElapsedTime(began) > Healthy)
                {
                    _delay.Progress();
                    _refused.Lifted();
                }
                await Task.Delay(await TellAsync(failure, stop), time, stop);
            }
        }
    }

    private async Task RunOnceAsync(CancellationToken stop)
    {
        await using var lease = await Lease.TryTakeAsync(source, options.Name, time, _logger, stop);
        if (lease is null)
        {
            if (!_standingBy)
                _logger.StandingBy(options.Name);
            _standingBy = true;
            progress.Forget();
            progress.Set(OrgState.Standby);
            await Task.Delay(AskAgain, time, stop);
            return;
        }
        CrashPoint.Hit(CrashPoints.LeaseAfterTakeOver);
        _standingBy = false;
        progress.Set(OrgState.Starting);
        await using var work = new TaskGroup(stop);
        work.Start("lease", lease.KeepAsync);
        var pausable = new PausableOrg(source, lease.Ownership, progress, time, _logger);
        work.Start("pipeline", token => pausable.RunAsync(copying => CopyAsync(lease.Ownership, copying), token));
        await work.WhenAllAsync();
    }

    private async Task CopyAsync(Ownership ownership, CancellationToken stop)
    {
        await IdentifyAsync(ownership, stop);
        // Nothing of the database is remembered from one beginning to the next: it may have been restored in between, and then lacks schemas we had stored.
        var schemas = new SchemaStore(source);
        await new OrgPipeline(options, source, ownership, client, rest, bulk, schemas, progress, traces, time, loggers).RunAsync(stop);
    }

    /// <summary>The id comes from the sign-in, else from the channel; it is stored once and must stay the same for ever.</summary>
    private async Task IdentifyAsync(Ownership ownership, CancellationToken stop)
    {
        var grant = await tokens.GetAsync(stop);
        var id = grant.Org?.ToString() ?? await AskForOrgAsync(stop);
        if (id.Length == 0)
            throw new SignInUnavailableException(options.Name, "neither the token answer nor the channel names the org");
        client.KnownOrg ??= OrgId.TryParse(id);
        await using var connection = await source.OpenConnectionAsync(stop);
        var known = await connection.ExecuteAsync(new CommandDefinition(
            Identify, new { Id = id, ownership.Org, ownership.Epoch, ownership.Owner }, cancellationToken: stop));
        if (known == 1)
            return;
        var stored = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(Stored, new { ownership.Org }, cancellationToken: stop));
        throw stored is null || stored == id ? new OwnershipLostException(ownership, "the org's row") : new OtherOrgException(options.Name, stored, id);
    }

    private async Task<string> AskForOrgAsync(CancellationToken stop)
    {
        var tenant = (await client.GetTopicAsync(options.Channels[0], stop)).TenantGuid;
        return OrgId.FromTenant(tenant)?.ToString() ?? tenant;
    }

    /// <summary>Says why the pipeline ended; returns how long to wait. Whatever it is, it is tried again, so that nothing is to be done here once the cause is gone.</summary>
    private async Task<TimeSpan> TellAsync(Exception failure, CancellationToken stop)
    {
        var pause = _delay.Next();
        if (DatabaseRefusal.Remedy(failure) is not { } remedy)
        {
            _refused.Lifted();
            // Of a connection that fails the stack tells nothing, and an outage would be a book.
            var isConnection = failure is NpgsqlException and not PostgresException;
            _logger.OrgFailed(options.Name, pause, isConnection ? $"{failure.GetType().Name}: {failure.Message}" : failure.GetType().Name, isConnection ? null : failure);
            progress.Set(OrgState.Degraded, $"{failure.GetType().Name}: {failure.Message}");
            return pause;
        }
        pause = _refused.Next(pause);
        var what = await MissingAsync(failure, stop) is { } missing ? $"{DatabaseRefusal.What(failure)}; missing: {missing}" : DatabaseRefusal.What(failure);
        _logger.DatabaseRefuses(options.Name, what, remedy, pause);
        progress.Set(OrgState.Failed, $"Postgres refuses ({what}): {remedy}");
        return pause;
    }

    /// <summary>Which rights are missing, where one was refused.</summary>
    private async Task<string?> MissingAsync(Exception failure, CancellationToken stop)
    {
        if (failure is not PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege })
            return null;
        try
        {
            await using var connection = await source.OpenConnectionAsync(stop);
            return await MissingRights.OfAsync(connection, [options.Schema], stop);
        }
        catch (NpgsqlException)
        {
            // Then what Postgres has said has to do.
            return null;
        }
    }

    /// <summary>Leaves word for the commands that read the database; without ownership, so only the state and never data.</summary>
    private async Task NoteAsync(OrgState state, string reason)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
            await connection.ExecuteAsync(
                "update salesforce_sync.org set state = @State, state_reason = @Reason where name = @Org", new { State = state.Name(), Reason = reason, Org = options.Name });
        }
        catch (NpgsqlException)
        {
            // The log has said it; the database is no longer there to be told.
        }
    }
}
