using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Masks;
using SalesforceSync.Store;

namespace SalesforceSync.Rebuild;

/// <summary>
/// Makes a table again from its kept copy and the numbered inputs since (rule H), without a call to Salesforce and beside a running worker. All of it is one
/// transaction: nobody sees a half of it, and whatever fails leaves nothing. The org's row is locked only at the end, for what came meanwhile and the rows
/// that differ; its owner stays the owner.
/// </summary>
/// <param name="rules">What of an object is copied, as the worker has it.</param>
/// <param name="masks">What stands in the place of values; null: nothing does.</param>
internal sealed class TableRebuild(NpgsqlDataSource source, string org, string schema, Func<string, ObjectRule> rules, TimeProvider time, OrgMasks? masks = null)
{
    /// <summary>Rows from which a rebuild that changes more than half of them wants to be confirmed.</summary>
    public const long ManyRows = 1_000;

    // Ours alone, and for the transaction: it may take minutes, and waits for the worker rather than fail.
    private const string Settings = """
        set local idle_in_transaction_session_timeout = '10min'; set local lock_timeout = 0; set local statement_timeout = 0
        """;

    private const string ForRows = """
        set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_material = off
        """;

    private const string ForTables = """
        set local enable_hashjoin = on; set local enable_mergejoin = on; set local enable_seqscan = on; set local enable_bitmapscan = on; set local enable_material = on
        """;

    private const string Alone = "select pg_try_advisory_xact_lock(9031477265504)";

    // The worker takes its numbers from this row: while it is locked nothing is written to the org's tables.
    private const string LockOrg = "select apply_number from salesforce_sync.org where name = $1 for update";

    private const string TellWorker = "update salesforce_sync.org set table_changes = table_changes + 1 where name = $1";

    private const string SnapshotOpen = """
        select exists (select from salesforce_sync.read where org = $1 and object = $2 and kind = 'snapshot' and state in ('waiting', 'reading', 'merging'))
        """;

    // What was passed over while a person had the object paused stands among the inputs like what was written.
    private const string PauseOpen = """
        select exists (select from salesforce_sync.coverage where org = $1 and object = $2 and state = 'gap' and to_event is null and evidence ->> 'by' = 'person')
        """;

    /// <param name="writes">False: the tables are compared and nothing is changed.</param>
    /// <param name="confirmed">However many rows differ.</param>
    /// <exception cref="RebuildRefusedException">It cannot be done; nothing was changed.</exception>
    public Task<RebuildOutcome> RunAsync(string objectName, bool writes, bool confirmed, CancellationToken stop) => RunAsync(objectName, null, writes, confirmed, stop);

    /// <param name="since">The stored events of whose records the rows are compared and written; rows of others are left alone, whatever stands in them. Null: all.</param>
    /// <inheritdoc cref="RunAsync(string, bool, bool, CancellationToken)"/>
    public async Task<RebuildOutcome> RunAsync(string objectName, EventsSince? since, bool writes, bool confirmed, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        if (!rules(objectName).Include)
            throw new RebuildRefusedException($"{org}: {objectName} is not copied");
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await RunAsync(connection, Settings, stop);
        if (await ScalarAsync(connection, Alone, stop) is not true)
            throw new RebuildRefusedException("another rebuild or replay is running on this database: wait until it has ended");
        var shadow = new ShadowTable(connection, org, schema, objectName);
        var image = await KeptImage.OfAsync(connection, org, objectName, stop);
        var told = since is null ? null : new ToldRecords(connection, org, objectName, since);
        if (told is not null)
        {
            await shadow.LimitAsync(stop);
            await told.NoteAsync(returns: false, stop);
            if (told.Count == 0)
                return new(org, objectName, image.Number, image.Number, 0, 0, 0, 0, 0, 0, 0, Written: false, time.GetElapsedTime(began).TotalSeconds, 0) { Told = 0 };
        }
        await RefuseAsync(connection, objectName, image, stop);
        await shadow.MakeAsync(image, stop);
        var writer = new RowWriter(shadow.Org, ShadowTable.Schema, rules, NullLogger.Instance);
        var replay = new InputReplay(connection, org, objectName, shadow, writer, new CompiledSchemas(new SchemaStore(source).FindAsync, masks), time.GetUtcNow());
        await RunAsync(connection, ForRows, stop);
        try
        {
            await replay.StartAsync(image.Number, stop);
            while (await replay.StepAsync(stop))
            {
            }
            await RunAsync(connection, ForTables, stop);
            var columns = await AlignAsync(shadow, objectName, told, writes, stop);
            replay.Touched = new(StringComparer.Ordinal);
            await shadow.NoteDifferencesAsync(null, stop);
            await RunAsync(connection, ForRows, stop);
            writer.Forget();
            // Once more without the lock, so that little is left for it.
            await replay.StepAsync(stop);
            var locked = time.GetTimestamp();
            if (await ScalarAsync(connection, LockOrg, stop, org) is not long head)
                throw new RebuildRefusedException($"{org}: nothing was copied of it yet");
            // Somebody may have paused it since.
            await RefusePausedAsync(connection, objectName, stop);
            while (await replay.StepAsync(stop))
            {
            }
            if (replay.Number != head)
                throw new RebuildRefusedException($"{org}: {objectName} cannot be made again: the inputs {replay.Number + 1} to {head} are not kept");
            columns += await AlignAsync(shadow, objectName, told, writes, stop);
            var toldSince = told is null ? [] : await told.NoteAsync(returns: true, stop);
            await shadow.NoteDifferencesAsync([.. replay.Touched, .. toldSince, .. await shadow.DifferingAsync(stop)], stop);
            var (changed, missing, extra) = await shadow.CountAsync(stop);
            await RunAsync(connection, ForTables, stop);
            CrashPoint.Hit(CrashPoints.RebuildBeforeRows);
            if (writes)
            {
                await shadow.WriteAsync(stop);
                if (columns > 0)
                    await ScalarAsync(connection, TellWorker, stop, org);
            }
            var rows = await shadow.RowsAsync(stop);
            if (writes && !confirmed && rows >= ManyRows && changed + missing + extra > rows / 2)
                throw new RebuildRefusedException($"{org}: {changed + missing + extra} of {rows} rows of {objectName} would be written: add --yes if that is meant");
            await shadow.DropAsync(stop);
            CrashPoint.Hit(CrashPoints.RebuildBeforeCommit);
            if (writes)
            {
                await AuditAsync(connection, objectName, since, told, new { rows, changed, missing, extra, columns, confirmed }, stop);
                await transaction.CommitAsync(CancellationToken.None);
            }
            else
            {
                await transaction.RollbackAsync(CancellationToken.None);
            }
            CrashPoint.Hit(CrashPoints.RebuildAfterCommit);
            return new(
                org, objectName, image.Number, head, replay.EventCount, replay.PatchCount, rows, changed, missing, extra, columns, writes,
                time.GetElapsedTime(began).TotalSeconds, time.GetElapsedTime(locked).TotalSeconds)
            { Told = told?.Count };
        }
        catch (Exception refused) when (refused is UnwritableChangeException or RefusedNameException)
        {
            throw new RebuildRefusedException($"{org}: {objectName} cannot be made again: {refused.Message}", refused);
        }
    }

    // A column that is gone is missing in every row: made again for some of them it would look as if it were whole, and nobody would read the others.
    private async Task<int> AlignAsync(ShadowTable shadow, string objectName, ToldRecords? told, bool writes, CancellationToken stop)
    {
        var lacking = await shadow.AlignAsync(writes && told is null, stop);
        return told is null || !writes || lacking == 0 ? lacking
            : throw new RebuildRefusedException($"{org}: {lacking} columns of {objectName} are gone from its table: rebuild --object {objectName} makes all of it again");
    }

    private Task AuditAsync<T>(NpgsqlConnection connection, string objectName, EventsSince? since, ToldRecords? told, T came, CancellationToken stop) where T : notnull =>
        since is null ? Audit.WriteAsync(connection, org, "rebuild", objectName, came, stop)
            : Audit.WriteAsync(connection, org, "replay", objectName, new { since.Channel, since.Number, since.CommittedAt, Told = told?.Count, came }, stop);

    /// <summary>What decides beside the inputs has to be what it was.</summary>
    private async Task RefuseAsync(NpgsqlConnection connection, string objectName, KeptImage image, CancellationToken stop)
    {
        var rule = rules(objectName);
        if (image.Rule is { } before && before != KeptImage.RuleText(rule))
            throw new RebuildRefusedException($"{org}: what is copied of {objectName} is configured otherwise than when its last copy was kept: let run keep a new one first");
        if (image.HiddenDiffer)
            throw new RebuildRefusedException($"{org}: other fields of {objectName} are hidden than when its last copy was kept: run keeps a new one; try again then");
        await RefusePausedAsync(connection, objectName, stop);
        if (rule.Changes == SchemaChanges.Pause && await ScalarAsync(connection, SnapshotOpen, stop, org, objectName) is true)
            throw new RebuildRefusedException($"{org}: {objectName} was resumed and its snapshot is not done: try again then");
    }

    private async Task RefusePausedAsync(NpgsqlConnection connection, string objectName, CancellationToken stop)
    {
        if (await ScalarAsync(connection, PauseOpen, stop, org, objectName) is true)
            throw new RebuildRefusedException($"{org}: {objectName} is paused, or was and has not been read since: try again after resume and its snapshot");
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken stop, params string[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text });
        return await command.ExecuteScalarAsync(stop);
    }
}
