using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Assemble;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;
using SalesforceSync.Masks;

namespace SalesforceSync.Apply;

/// <summary>Where the applied position stands and where a commit takes it.</summary>
internal readonly record struct ApplyStep(long From, long To, bool Interleaved);

/// <summary>
/// One Postgres transaction: whole Salesforce transactions with everything they leave behind, and the applied position. Made for one commit, on a
/// connection in which a transaction is open; whoever made it commits or rolls back.
/// </summary>
internal sealed class ApplyCommit(
    NpgsqlConnection connection, Ownership ownership, string channel, string schema, RowWriter writer, TransactionContents contents,
    RecentTransactions recent, DateTimeOffset appliedAt, ILogger logger, bool keepsPayloads = true)
{
    /// <summary>Changes given to the writer at a time.</summary>
    private const int Chunk = 2_000;

    /// <summary>Events and touches noted before they are sent; fewer ride with the position.</summary>
    private const int MostNotes = 10_000;

    private readonly ControlRows _control = new(connection, ownership, channel);
    private readonly DriftRows _drift = new(connection, ownership.Org);
    private readonly Straggler _straggler = new(connection, schema, recent);
    private readonly List<NumberedChange> _changes = [];
    private readonly Dictionary<RepairRequest, long> _repairs = [];
    private readonly InputJournal _inputs = new(ownership.Org, channel);
    private readonly DeletionNotes _deletions = new(ownership.Org);
    private readonly PendingDiffs _pending = new(connection, ownership.Org);
    private TouchNotes _touches = null!;
    private bool _diffsWait;
    private long _number;
    private int _torn;
    private long _firstEvent;
    private long _lastEvent;

    /// <summary>Last apply number written for each transaction key; to be remembered once the commit has returned.</summary>
    public Dictionary<string, long> Written { get; } = new(StringComparer.Ordinal);

    /// <summary>The last change of each object; to be told once the commit has returned.</summary>
    public Dictionary<string, LastChange> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Writes everything except the commit itself.</summary>
    /// <param name="oneByOne">Each change under a savepoint: those that are refused are parked, the others written.</param>
    public async Task WriteAsync(IReadOnlyList<Transaction> transactions, ApplyStep step, bool oneByOne, CancellationToken stop)
    {
        (_firstEvent, _lastEvent) = (step.From + 1, step.To);
        var taken = await _control.TakeNumbersAsync(transactions.Sum(t => t.Count), transactions.Count(t => t is { Key: not null, IsLate: false }), stop);
        _number = taken.Last;
        _touches = new(ownership.Org, taken.Reading);
        _diffsWait = taken.DiffsWait;
        writer.Follow(taken.TableChanges);
        CrashPoint.Hit(CrashPoints.ApplyBeforeRows);
        if (PlantedBug.Is(PlantedBugs.PositionBeforeRows))
        {
            await MoveAsync(transactions, step, stop);
            await RunAsync("commit and chain", stop);
        }
        foreach (var transaction in transactions)
            await AddAsync(transaction, oneByOne, stop);
        await FlushAsync(stop);
        CrashPoint.Hit(CrashPoints.ApplyBeforePosition);
        if (_repairs.Count > 0)
            await _control.QueueAsync(_repairs, stop);
        if (_torn > 0)
            await _control.CountTornAsync(_torn, stop);
        if (!PlantedBug.Is(PlantedBugs.PositionBeforeRows))
            await MoveAsync(transactions, step, stop);
    }

    private async Task MoveAsync(IReadOnlyList<Transaction> transactions, ApplyStep step, CancellationToken stop)
    {
        var last = transactions.MaxBy(t => t.Last)!;
        var commitAt = transactions.Max(t => t.CommitTimestamp);
        await _control.MoveAsync(
            step.From, last, step.To, step.Interleaved, commitAt > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(commitAt) : null, TakeNotes(), stop);
    }

    private async Task AddAsync(Transaction transaction, bool oneByOne, CancellationToken stop)
    {
        if (transaction.IsReleased)
            logger.LargeTransaction(ownership.Org, channel, transaction.Key ?? "", transaction.Count);
        // What is judged or parked one by one has to see what came before it.
        if (transaction.IsLate || oneByOne)
            await FlushAsync(stop);
        var torn = transaction.IsCut ? "the position of the stream was lost in the middle of it" : null;
        await foreach (var content in contents.ReadAsync(transaction, stop))
        {
            _number++;
            if (_inputs.Count + _touches.Count + _deletions.Count >= MostNotes)
                await SendNotesAsync(stop);
            var tornHere = await AddAsync(transaction, content, oneByOne, stop);
            torn ??= tornHere;
            if (transaction.IsCut && !PlantedBug.Is(PlantedBugs.CutTransactionForgotten))
                QueueRecords(content, RepairReason.Torn);
            if (_changes.Count >= Chunk)
                await FlushAsync(stop);
        }
        foreach (var conflict in transaction.Conflicts)
            QueueRecords(conflict, RepairReason.Conflict);
        if (transaction.Key is not { } key)
            return;
        Written[key] = _number;
        if (transaction.Conflicts.Count > 0)
            logger.Conflicting(ownership.Org, key);
        if (torn is null)
            return;
        _torn++;
        logger.Torn(ownership.Org, channel, key, torn);
    }

    /// <summary>Adds one event; returns why its transaction is torn by it, or null.</summary>
    private async Task<string?> AddAsync(Transaction transaction, TransactionEvent content, bool oneByOne, CancellationToken stop)
    {
        if (content.Header is { IsGap: true } gap)
        {
            _inputs.Add(content.Number, isWritten: false);
            await QueueGapAsync(gap, content.Number, stop);
            return null;
        }
        if (content.Change is not { } change || change.Header.Kind is ChangeKind.Unknown or ChangeKind.Snapshot)
        {
            _inputs.Add(content.Number, isWritten: false);
            await ParkAsync(content, content.Fault ?? $"change type {content.Header?.ChangeType} is not known", stop);
            return transaction.Key is null ? null : "one of its events is parked";
        }
        Objects[change.Header.EntityName] = new(DateTimeOffset.FromUnixTimeMilliseconds(change.Header.CommitTimestamp), MaskedSchema.OriginalOf(content.Stored.SchemaId));
        if (transaction.IsLate)
            return await AddLateAsync(content, change, stop);
        if (!oneByOne)
        {
            _changes.Add(new(_number, change, content.Number));
            _inputs.Add(content.Number, isWritten: true);
            return null;
        }
        var isWritten = await TryAloneAsync(content, change, stop);
        _inputs.Add(content.Number, isWritten);
        return isWritten ? null : "one of its events is parked";
    }

    private async Task<string?> AddLateAsync(TransactionEvent content, ChangeEvent change, CancellationToken stop)
    {
        var writable = new List<string>();
        var repeated = 0;
        foreach (var recordId in change.Header.RecordIds)
        {
            switch (await _straggler.JudgeAsync(change.Header, recordId, stop))
            {
                case StragglerVerdict.Write:
                    writable.Add(recordId);
                    break;
                case StragglerVerdict.Repeated:
                    repeated++;
                    break;
                default:
                    _repairs[new(change.Header.EntityName, recordId, RepairReason.Late)] = content.Number;
                    break;
            }
        }
        _inputs.Add(content.Number, writable.Count > 0);
        if (repeated == change.Header.RecordIds.Count)
            return null;
        if (writable.Count > 0)
        {
            if (writable.Count < change.Header.RecordIds.Count)
                _inputs.AddPartial(content.Number, writable);
            _changes.Add(new(_number, change with { Header = change.Header with { RecordIds = writable } }, content.Number));
            await FlushAsync(stop);
        }
        return "a part of it came after the rest was applied";
    }

    private async Task<bool> TryAloneAsync(TransactionEvent content, ChangeEvent change, CancellationToken stop)
    {
        await RunAsync("savepoint alone", stop);
        try
        {
            _changes.Add(new(_number, change, content.Number));
            await FlushAsync(stop);
            await RunAsync("release savepoint alone", stop);
            return true;
        }
        catch (Exception refused) when (Refusal.Of(refused) is not null)
        {
            _changes.Clear();
            writer.Forget();
            await RunAsync("rollback to savepoint alone", stop);
            await ParkAsync(content, Refusal.Of(refused)!, stop);
            return false;
        }
    }

    private async Task FlushAsync(CancellationToken stop)
    {
        if (_changes.Count == 0)
            return;
        var waiting = _diffsWait ? await _pending.OfAsync(_changes.SelectMany(Records).ToHashSet(), stop) : [];
        var outcome = await writer.WriteAsync(connection, _changes, appliedAt, stop, waiting);
        // A text difference that was not applied leaves the column to what a reading brings; one that was counts as any other write.
        foreach (var change in _changes)
        {
            _touches.Add(change, (recordId, diff) => outcome.Diffs.IsApplied(change, recordId, diff) || PlantedBug.Is(PlantedBugs.UnfitDiffTouches));
            _deletions.Add(change);
        }
        _changes.Clear();
        await SettleAsync(outcome.Diffs, stop);
        foreach (var repair in outcome.Repairs.Where(r => !IsLeftOut(r)))
            _repairs[repair] = _lastEvent;
        foreach (var drift in outcome.Drifts)
            await _drift.WriteAsync(drift, channel, _firstEvent, stop);
        if (outcome.Substituted.Count > 0)
            await _drift.SubstitutedAsync(outcome.Substituted, _lastEvent, stop);
    }

    private static bool IsLeftOut(RepairRequest repair) => (repair.Reason == RepairReason.TextDiff && PlantedBug.Is(PlantedBugs.UnfitDiffForgotten))
        || (repair.Reason is RepairReason.Unseen or RepairReason.Revived && PlantedBug.Is(PlantedBugs.StubsStay));

    private static IEnumerable<(string Object, string RecordId)> Records(NumberedChange change) =>
        change.Event.Header.RecordIds.Select(recordId => (change.Event.Header.EntityName, recordId));

    /// <summary>Text differences that fit to nothing wait from now on; those whose text was written since wait no longer.</summary>
    private async Task SettleAsync(TextDiffs diffs, CancellationToken stop)
    {
        if (diffs.Overtaken.Count > 0)
        {
            foreach (var (objectName, recordId) in await _pending.DropAsync(diffs.Overtaken, stop))
                _repairs.Remove(new(objectName, recordId, RepairReason.TextDiff));
        }
        if (diffs.Unfit.Count == 0 || PlantedBug.Is(PlantedBugs.UnfitDiffForgotten))
            return;
        await _pending.AddAsync(channel, diffs.Unfit, stop);
        _diffsWait = true;
    }

    private List<NpgsqlBatchCommand> TakeNotes() => [.. new[] { _inputs.Take(_number), _touches.Take(), _deletions.Take() }.OfType<NpgsqlBatchCommand>()];

    private async Task SendNotesAsync(CancellationToken stop)
    {
        // The number in hand belongs to an event that is not noted yet.
        var commands = new[] { _inputs.Take(_number - 1), _touches.Take(), _deletions.Take() }.OfType<NpgsqlBatchCommand>().ToList();
        await _control.SendAsync(commands, stop);
    }

    private async Task ParkAsync(TransactionEvent parked, string reason, CancellationToken stop)
    {
        if (PlantedBug.Is(PlantedBugs.PoisonSkipped))
            return;
        if (await _control.ParkedAfterAsync(parked.Number - ChannelHaltedException.Window, stop) >= ChannelHaltedException.Limit)
            throw new ChannelHaltedException(ownership.Org, channel, parked.Number, reason);
        await _control.ParkAsync(parked, reason, keepsPayloads, stop);
        if (PlantedBug.Is(PlantedBugs.ParkedOutsideCommit))
            await RunAsync("commit and chain", stop);
        logger.Parked(ownership.Org, channel, parked.Number, parked.Stored.SchemaId, parked.Stored.ReplayId.ToString(), reason);
        if (PlantedBug.Is(PlantedBugs.ParkedForgotten))
            return;
        if (parked.Header is not null)
            QueueRecords(parked, RepairReason.Quarantine);
        else
            _repairs[RepairRequest.OfSchema(MaskedSchema.OriginalOf(parked.Stored.SchemaId), RepairReason.Quarantine)] = parked.Number;
    }

    private void QueueRecords(TransactionEvent content, string reason)
    {
        if (content.Header is not { } header)
            return;
        foreach (var recordId in header.RecordIds)
            _repairs[RepairRequest.Of(header.EntityName, recordId, reason)] = content.Number;
    }

    private async Task QueueGapAsync(ChangeEventHeader gap, long number, CancellationToken stop)
    {
        var reason = gap.ChangeType.ToLowerInvariant();
        if (gap.Kind == ChangeKind.GapOverflow)
        {
            // The rest of a large transaction is missing for the whole object; its other changes carry stamps from before the commit.
            var from = DateTimeOffset.FromUnixTimeMilliseconds(gap.CommitTimestamp) - (PlantedBug.Is(PlantedBugs.NoSlackBeforeGap) ? TimeSpan.Zero : CommitTimeSlack.Late);
            await _control.OpenGapAsync(gap.EntityName, number, from, reason, stop);
            _repairs[new(gap.EntityName, null, reason)] = number;
            return;
        }
        if (gap.Kind == ChangeKind.GapDelete && PlantedBug.Is(PlantedBugs.GapDeletes))
        {
            var table = Sql.Quote(writer.Schema, PostgresName.Of(gap.EntityName));
            await using var exists = new NpgsqlCommand("select to_regclass($1) is not null", connection) { Parameters = { new() { Value = table } } };
            if (await exists.ExecuteScalarAsync(stop) is false)
                return;
            await using var delete = new NpgsqlCommand($"update {table} set _sync_deleted = true where id = any($1)", connection) { Parameters = { new() { Value = gap.RecordIds.ToArray() } } };
            await delete.ExecuteNonQueryAsync(stop);
            return;
        }
        foreach (var recordId in gap.RecordIds)
            _repairs[RepairRequest.Of(gap.EntityName, recordId, reason)] = number;
    }

    private async Task RunAsync(string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }
}
