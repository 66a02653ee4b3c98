using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Assemble;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Store;

namespace SalesforceSync.Apply;

/// <summary>
/// Brings one channel's stored events into the tables: from the first event after the applied position, whole transactions, in order, each once. Everything
/// it holds follows from the database; after any failure it is thrown away, a new loop reads the position, and so learns how an unknown commit ended.
/// </summary>
internal sealed class ApplyLoop(
    NpgsqlDataSource source, Ownership ownership, EventStore store, Handoff handoff, CompiledSchemas schemas, RowWriter writer, string schema,
    ApplyProgress progress, TransactionTraces traces, TimeProvider time, ILogger logger)
{
    private const string ReadPosition = """
        select a.event, a.interleaved, r.closed_event, r.cut_events from salesforce_sync.cursor a
        join salesforce_sync.cursor r on r.org = a.org and r.channel = a.channel and r.stage = 'received'
        where a.org = $1 and a.channel = $2 and a.stage = 'applied' and a.epoch = $3 and a.owner = $4
        """;

    private readonly RecentTransactions _recent = new();
    private readonly TransactionContents _contents = new(store, schemas);
    private readonly AppliedSpans _spans = new(traces, ownership.Org, store.Channel);
    private NpgsqlConnection _connection = null!;
    private CommitQueue _queue = null!;
    private long _applied;
    private bool _wasInterleaved;

    /// <summary>True when a step has something to look at.</summary>
    public bool HasNews => handoff.HasNews(_queue.Read);

    /// <summary>Runs until told to stop; a commit under way is finished first.</summary>
    /// <exception cref="OwnershipLostException">Another process owns the org.</exception>
    /// <exception cref="ChannelHaltedException">Too many events were refused.</exception>
    /// <exception cref="NpgsqlException">The database failed; begin anew.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var session = await OpenAsync(stop);
        while (true)
            await StepAsync(stop);
    }

    /// <summary>Goes on from the stored position; what it returns is disposed when no more steps are taken.</summary>
    public async Task<IAsyncDisposable> OpenAsync(CancellationToken stop)
    {
        _connection = await source.OpenConnectionAsync(stop);
        try
        {
            await using (var settings = new NpgsqlCommand(RowWriter.SessionSettings, _connection))
                await settings.ExecuteNonQueryAsync(stop);
            await StartAsync(stop);
            return _connection;
        }
        catch
        {
            await _connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes the next batch, waiting for it, and commits what is complete. Fails as <see cref="RunAsync"/> does.</summary>
    public async Task StepAsync(CancellationToken stop)
    {
        var batch = await handoff.ReadAsync(_queue.Read, stop);
        _queue.Begin(batch);
        foreach (var stored in batch.Events)
            _queue.Add(await schemas.UnderstandAsync(stored, stop));
        _queue.Close(batch);
        foreach (var units in _queue.Commits())
            await FlushAsync(units, stop);
        progress.Report(_applied, _queue.Pending, handoff.Stored);
    }

    private async Task StartAsync(CancellationToken stop)
    {
        var start = await ReadPositionAsync(stop);
        (_applied, _wasInterleaved) = (start.Event, start.Interleaved);
        logger.Applying(ownership.Org, store.Channel, _applied);
        var tail = new List<TransactionEvent>();
        foreach (var stored in await store.ReadTailAsync(_applied, CommitQueue.Remembered, stop))
            tail.Add(await schemas.UnderstandAsync(stored, stop));
        _queue = new(start, _recent, tail);
        writer.Forget();
    }

    private async Task<AppliedPosition> ReadPositionAsync(CancellationToken stop)
    {
        await using var position = new NpgsqlCommand(ReadPosition, _connection)
        {
            Parameters =
            {
                new() { Value = ownership.Org, NpgsqlDbType = NpgsqlDbType.Text }, new() { Value = store.Channel, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = ownership.Epoch, NpgsqlDbType = NpgsqlDbType.Bigint }, new() { Value = ownership.Owner, NpgsqlDbType = NpgsqlDbType.Uuid },
            },
        };
        await using var row = await position.ExecuteReaderAsync(stop);
        return await row.ReadAsync(stop)
            ? new(row.GetInt64(0), row.GetBoolean(1), row.GetInt64(2), row.GetFieldValue<long[]>(3))
            : throw new OwnershipLostException(ownership, $"the applied position of {store.Channel}");
    }

    private async Task FlushAsync(IReadOnlyList<IReadOnlyList<Transaction>> units, CancellationToken stop)
    {
        try
        {
            await CommitAsync([.. units.SelectMany(unit => unit)], oneByOne: false, stop);
        }
        catch (Exception refused) when (units.Count > 1 && (Refusal.Of(refused) is not null || refused is ChannelHaltedException))
        {
            logger.Refused(ownership.Org, store.Channel, (refused as PostgresException)?.SqlState ?? refused.GetType().Name);
            foreach (var unit in units)
                await CommitUnitAsync(unit, stop);
        }
        catch (Exception refused) when (Refusal.Of(refused) is not null)
        {
            logger.Refused(ownership.Org, store.Channel, (refused as PostgresException)?.SqlState ?? refused.GetType().Name);
            await CommitAsync(units[0], oneByOne: true, stop);
        }
    }

    private async Task CommitUnitAsync(IReadOnlyList<Transaction> unit, CancellationToken stop)
    {
        try
        {
            await CommitAsync(unit, oneByOne: false, stop);
        }
        catch (Exception refused) when (Refusal.Of(refused) is not null)
        {
            await CommitAsync(unit, oneByOne: true, stop);
        }
    }

    private async Task CommitAsync(IReadOnlyList<Transaction> transactions, bool oneByOne, CancellationToken stop)
    {
        var step = new ApplyStep(_applied, transactions.Max(t => t.Last), _queue.Interleaved);
        var began = time.GetUtcNow();
        CrashPoint.Hit(CrashPoints.ApplyBeforeBegin);
        await using var transaction = await _connection.BeginTransactionAsync(stop);
        var commit = new ApplyCommit(_connection, ownership, store.Channel, schema, writer, _contents, _recent, time.GetUtcNow(), logger, schemas.KeepsPayloads);
        try
        {
            await commit.WriteAsync(transactions, step, oneByOne, stop);
            CrashPoint.Hit(CrashPoints.ApplyBeforeCommit);
            await transaction.CommitAsync(CancellationToken.None);
            CrashPoint.Hit(CrashPoints.ApplyAfterCommit);
        }
        catch
        {
            // Tables it made in this transaction are gone with it.
            writer.Forget();
            throw;
        }
        Committed(commit, step);
        Count(transactions, commit.Objects, began);
    }

    private void Count(IReadOnlyList<Transaction> transactions, IReadOnlyDictionary<string, LastChange> objects, DateTimeOffset began)
    {
        var now = time.GetUtcNow();
        TimeSpan? worst = null;
        Meters.Committed(ownership.Org, store.Channel, transactions.Sum(t => (long)t.Received), transactions.Count(t => t.Key is not null));
        foreach (var transaction in transactions)
        {
            var committed = transaction.CommitTimestamp > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(transaction.CommitTimestamp) : (DateTimeOffset?)null;
            Meters.Applied(ownership.Org, store.Channel, transaction.LastReceivedAt - committed, now - transaction.LastReceivedAt);
            if (now - committed is { } lag && !(lag <= worst))
                worst = lag;
        }
        _spans.Tell(transactions, began, now);
        progress.Committed(objects, worst < TimeSpan.Zero ? TimeSpan.Zero : worst);
    }

    private void Committed(ApplyCommit commit, ApplyStep step)
    {
        _applied = step.To;
        foreach (var (key, number) in commit.Written)
            _recent.Written(key, number);
        if (!step.Interleaved || _wasInterleaved)
            return;
        _wasInterleaved = true;
        logger.Interleaved(ownership.Org, store.Channel);
    }
}
