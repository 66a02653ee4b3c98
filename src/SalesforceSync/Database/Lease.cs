using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Database;

/// <summary>
/// Ownership of one org for <see cref="Duration"/>, renewed on a connection of its own. Times are the database's. An owner whose lease connection is
/// gone (killed) is replaced at once; one that is merely silent (paused, cut off) when its lease has run out, and what it was paused in the
/// middle of is ended. Fencing does not rest on time: whoever takes over raises the epoch first.
/// </summary>
internal sealed class Lease : IAsyncDisposable
{
    /// <summary>How long a silent owner keeps the org.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(3);

    /// <summary>Stop by ourselves this much before the lease runs out.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>After this a transaction that is in our way is looked at.</summary>
    private static readonly TimeSpan Blocked = TimeSpan.FromSeconds(2);

    // Looked for first: the insert alone would wait for whoever is just changing the row.
    private const string Introduce = """
        insert into salesforce_sync.org (name) select $1 where not exists (select from salesforce_sync.org where name = $1) on conflict do nothing
        """;

    private const string IntroduceLease = """
        insert into salesforce_sync.lease (org) select $1 where not exists (select from salesforce_sync.lease where org = $1) on conflict do nothing
        """;

    // A process that is paused in the middle of a statement (COPY, a long answer) keeps its locks: no timeout of the server ends what is waiting for its client.
    private const string EndStuck = """
        select count(pg_terminate_backend(a.pid)) from unnest(pg_blocking_pids($1)) as b join pg_stat_activity a on a.pid = b
        where a.usename = current_user and a.application_name = current_setting('application_name')
            and a.wait_event_type = 'Client' and a.state_change < clock_timestamp() - $2
        """;

    // A role that may not see the start of a foreign backend sees null there: then only time decides.
    private const string Settings = "set local lock_timeout = '60s'; set local synchronous_commit = on";

    private const string Free = """
        select l.owner is null or l.until < clock_timestamp() or not exists (
            select from pg_stat_activity a
            where a.pid = l.backend_pid and (a.backend_start is null or a.backend_start = l.backend_start))
        from salesforce_sync.lease l where l.org = $1
        """;

    private const string FreeLocked = Free + " for update";

    private const string RaiseOrg = """
        update salesforce_sync.org set epoch = epoch + 1, owner = $2 where name = $1 returning epoch
        """;

    private const string RaiseCursors = """
        update salesforce_sync.cursor set epoch = $2, owner = $3 where org = $1
        """;

    private const string Hold = """
        update salesforce_sync.lease set owner = $2, until = clock_timestamp() + $3, backend_pid = pg_backend_pid(),
            backend_start = (select backend_start from pg_stat_activity where pid = pg_backend_pid())
        where org = $1 and ($4 or owner = $2)
        """;

    private const string Release = """
        update salesforce_sync.lease set owner = null, until = '-infinity' where org = $1 and owner = $2
        """;

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private NpgsqlConnection? _connection;

    private Lease(NpgsqlDataSource source, NpgsqlConnection connection, Ownership ownership, TimeProvider time, ILogger logger)
    {
        _source = source;
        _connection = connection;
        Ownership = ownership;
        _time = time;
        _logger = logger;
    }

    public Ownership Ownership { get; }

    /// <summary>Takes the org if nobody holds it; null means stand by and ask again.</summary>
    public static async Task<Lease?> TryTakeAsync(NpgsqlDataSource source, string org, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        var connection = await source.OpenConnectionAsync(stop);
        try
        {
            await IntroduceAsync(connection, org, stop);
            var ownership = await IsFreeAsync(connection, Free, org, time, stop) ? await TakeOverAsync(source, connection, org, time, logger, stop) : null;
            if (ownership is null)
            {
                await connection.DisposeAsync();
                return null;
            }
            logger.LeaseTaken(org, ownership.Epoch);
            return new Lease(source, connection, ownership, time, logger);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Renews until told to stop.</summary>
    /// <exception cref="OwnershipLostException">Another process took over, or the database was out of reach until shortly before the lease ran out.</exception>
    public async Task KeepAsync(CancellationToken stop)
    {
        var renewed = _time.GetTimestamp();
        while (true)
        {
            await Task.Delay(RenewEvery, _time, stop);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(Left(renewed));
            var asked = _time.GetTimestamp();
            try
            {
                if (!await RenewAsync(limit.Token))
                    throw Lost();
                renewed = asked;
            }
            catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException && !stop.IsCancellationRequested)
            {
                if (Left(renewed) <= TimeSpan.FromMilliseconds(1))
                    throw Lost();
                await DropConnectionAsync();
            }
        }
    }

    /// <summary>Gives the org back, so that another process need not wait; a failure here costs it only that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_connection is not null)
            {
                await using var release = new NpgsqlCommand(Release, _connection) { CommandTimeout = 2, Parameters = { Text(Ownership.Org), Token(Ownership.Owner) } };
                await release.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
        catch (NpgsqlException)
        {
            // The lease runs out by itself, or is not ours any more. Where nothing can be written (a read-only database) it counts as held as long as
            // this session is there, and the pool would keep it.
            _source.Clear();
        }
        await DropConnectionAsync();
    }

    private TimeSpan Left(long renewed)
    {
        var left = Duration - Margin - _time.GetElapsedTime(renewed);
        return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
    }

    private OwnershipLostException Lost()
    {
        _logger.LeaseLost(Ownership.Org, Ownership.Epoch);
        return new OwnershipLostException(Ownership, "the lease");
    }

    private async Task<bool> RenewAsync(CancellationToken stop)
    {
        _connection ??= await _source.OpenConnectionAsync(stop);
        CrashPoint.Hit(CrashPoints.LeaseBeforeRenewal);
        var held = await HoldAsync(_connection, Ownership, taking: false, stop);
        CrashPoint.Hit(CrashPoints.LeaseAfterRenewal);
        return held == 1;
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync();
        _connection = null;
    }

    private static async Task IntroduceAsync(NpgsqlConnection connection, string org, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Introduce) { Parameters = { Text(org) } },
                new(IntroduceLease) { Parameters = { Text(org) } },
            },
        };
        await batch.ExecuteNonQueryAsync(stop);
    }

    private static async Task<bool> IsFreeAsync(NpgsqlConnection connection, string sql, string org, TimeProvider time, CancellationToken stop)
    {
        var judge = PlantedBug.Is(PlantedBugs.LocalClockJudges) ? sql.Replace("clock_timestamp()", $"timestamptz '{time.GetUtcNow():O}'", StringComparison.Ordinal) : sql;
        await using var free = new NpgsqlCommand(judge, connection) { Parameters = { Text(org) } };
        return await free.ExecuteScalarAsync(stop) is true;
    }

    private static async Task<Ownership?> TakeOverAsync(NpgsqlDataSource source, NpgsqlConnection connection, string org, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        var taking = TakeAsync(connection, org, time, stop);
        try
        {
            while (await Task.WhenAny(taking, Task.Delay(Blocked, time, stop)) != taking && !stop.IsCancellationRequested)
                await EndStuckAsync(source, connection.ProcessID, org, logger, stop);
        }
        finally
        {
            await ((Task)taking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return await taking;
    }

    private static async Task EndStuckAsync(NpgsqlDataSource source, int waiting, string org, ILogger logger, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var end = new NpgsqlCommand(EndStuck, connection)
        {
            Parameters = { new() { Value = waiting, NpgsqlDbType = NpgsqlDbType.Integer }, new() { Value = Blocked, NpgsqlDbType = NpgsqlDbType.Interval } },
        };
        if (await end.ExecuteScalarAsync(stop) is long and > 0 and var ended)
            logger.StuckSessionsEnded(org, ended);
    }

    private static async Task<Ownership?> TakeAsync(NpgsqlConnection connection, string org, TimeProvider time, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop);
        // The old owner may be in the middle of a commit that takes its time: wait for it rather than fail.
        await using (var settings = new NpgsqlCommand(PlantedBug.Is(PlantedBugs.TakeOverNotFlushed) ? Settings.Replace("= on", "= off", StringComparison.Ordinal) : Settings, connection))
            await settings.ExecuteNonQueryAsync(stop);
        if (!await IsFreeAsync(connection, FreeLocked, org, time, stop))
            return null;
        var owner = Guid.NewGuid();
        await using var raise = new NpgsqlCommand(PlantedBug.Is(PlantedBugs.EpochKept) ? RaiseOrg.Replace("epoch + 1", "epoch", StringComparison.Ordinal) : RaiseOrg, connection) { CommandTimeout = 90, Parameters = { Text(org), Token(owner) } };
        var ownership = new Ownership(org, (long)(await raise.ExecuteScalarAsync(stop))!, owner);
        await using var cursors = new NpgsqlCommand(RaiseCursors, connection)
        {
            CommandTimeout = 90,
            Parameters = { Text(org), new() { Value = ownership.Epoch, NpgsqlDbType = NpgsqlDbType.Bigint }, Token(owner) },
        };
        if (!PlantedBug.Is(PlantedBugs.CursorsKept))
            await cursors.ExecuteNonQueryAsync(stop);
        await HoldAsync(connection, ownership, taking: true, stop);
        CrashPoint.Hit(CrashPoints.LeaseBeforeTakeOver);
        await transaction.CommitAsync(CancellationToken.None);
        return ownership;
    }

    private static async Task<int> HoldAsync(NpgsqlConnection connection, Ownership ownership, bool taking, CancellationToken stop)
    {
        await using var hold = new NpgsqlCommand(Hold, connection)
        {
            Parameters =
            {
                Text(ownership.Org), Token(ownership.Owner), new() { Value = Duration, NpgsqlDbType = NpgsqlDbType.Interval },
                new() { Value = taking, NpgsqlDbType = NpgsqlDbType.Boolean },
            },
        };
        return await hold.ExecuteNonQueryAsync(stop);
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Token(Guid value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Uuid };
}
