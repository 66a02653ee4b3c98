using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// Writes changes of one org as rows, inside a transaction of the caller. Tables and columns are made as the schemas of the events ask for them.
/// One writer per org, one call at a time; it keeps what it knows of tables between calls, so it must be told of a rollback.
/// </summary>
/// <param name="org">Name of the org: whose fields are recorded.</param>
/// <param name="schema">Postgres schema of its tables.</param>
/// <param name="rules">What of an object is copied, by API name; asked once per object and schema id.</param>
/// <param name="stagedFrom">Rows of one table in one call from which they go through a stage table; below, each has its own statement.</param>
internal sealed class RowWriter(string org, string schema, Func<string, ObjectRule> rules, ILogger logger, int stagedFrom = RowWriter.DefaultStagedFrom)
{
    /// <summary>Measured break-even with the server on the same machine: a stage costs about 0.7 ms per table and call, a statement 16 µs more per row.</summary>
    public const int DefaultStagedFrom = 40;

    /// <summary>
    /// To be set once per connection. The stage is small and the tables are large, but Postgres knows neither: every plan that is not one look-up in the
    /// primary key per row reads a whole table sooner or later, and compiling a statement (jit) costs more than running it.
    /// </summary>
    public const string SessionSettings = """
        set jit = off; set enable_hashjoin = off; set enable_mergejoin = off; set enable_seqscan = off; set enable_bitmapscan = off; set enable_material = off
        """;

    /// <summary>Where its tables are.</summary>
    public string Schema => schema;

    private readonly TableRegistry _registry = new(org, schema, rules, logger);
    private readonly RowStatements _statements = new();
    private readonly StagedRows _staged = new();
    private long _tableChanges;

    /// <summary>
    /// To be called when the transaction of a call is rolled back or its commit is in doubt: drops all knowledge of tables, which are read again. A closed
    /// connection needs it too, unless its session lives on in the pool unreset.
    /// </summary>
    public void Forget()
    {
        _registry.Forget();
        _statements.Forget();
        _staged.Forget();
    }

    /// <summary>Tables were changed by somebody else since (<c>org.table_changes</c>): drops all knowledge of them.</summary>
    public void Follow(long tableChanges)
    {
        if (tableChanges == _tableChanges) return;
        Forget();
        _tableChanges = tableChanges;
    }

    /// <summary>
    /// Writes the changes in their order, each record once, with its last state. The connection must be in a transaction; nothing is committed here.
    /// A transaction larger than memory is given in several calls within one database transaction.
    /// </summary>
    /// <param name="changes">Ascending numbers; no GAP events.</param>
    /// <param name="appliedAt">Becomes <c>_sync_applied_at</c>.</param>
    /// <param name="waiting">Text differences of these records that did not fit when they came.</param>
    /// <exception cref="UnwritableChangeException">One of them can never be written.</exception>
    /// <exception cref="PostgresException">As Postgres says; roll back and <see cref="Forget"/>.</exception>
    public async Task<WriteOutcome> WriteAsync(
        NpgsqlConnection connection, IReadOnlyList<NumberedChange> changes, DateTimeOffset appliedAt, CancellationToken stop,
        IReadOnlyList<UnfitDiff>? waiting = null)
    {
        changes = InOrder(changes);
        var fold = new ChangeFold();
        var diffs = new TextDiffs(waiting ?? []);
        var rows = 0;
        for (var i = 0; i < changes.Count; i++)
        {
            if (await BindAsync(connection, changes[i], appliedAt, async token => rows += await WriteAsync(connection, fold, diffs, appliedAt, token), stop) is not { } binding) continue;
            if (changes[i].Event.Header.DiffFields.Count > 0) await diffs.ReadAsync(connection, changes.Skip(i), binding, stop);
            fold.Add(changes[i], binding, diffs);
        }
        rows += await WriteAsync(connection, fold, diffs, appliedAt, stop);
        foreach (var (objectName, recordId) in diffs.Asking)
            fold.Ask(new(objectName, recordId, RepairReason.TextDiff));
        return new(rows, fold.Repairs, _registry.TakeDrifts(), fold.Substituted, diffs);
    }

    private async Task<int> WriteAsync(NpgsqlConnection connection, ChangeFold fold, TextDiffs diffs, DateTimeOffset appliedAt, CancellationToken stop)
    {
        await using var pipeline = new Pipeline(connection);
        var single = new PipelinedRows(_statements);
        var rows = 0;
        // COPY cannot run while statements are on their way, so the stages are filled first.
        foreach (var table in fold.Tables.Where(IsStaged))
            await _staged.AddAsync(connection, pipeline, table, appliedAt, fold.Ask, stop);
        foreach (var table in fold.Tables)
        {
            if (!IsStaged(table)) await single.AddAsync(pipeline, table, appliedAt, stop);
            rows += table.Count;
            AskForCertainRepairs(fold, table);
        }
        await pipeline.FlushAsync(stop);
        await single.FinishAsync(pipeline, appliedAt, fold.Ask, stop);
        diffs.Settle(fold.Tables);
        fold.Settled();
        return rows;
    }

    /// <summary>The order in which they came is the only one (rule D2).</summary>
    private static IReadOnlyList<NumberedChange> InOrder(IReadOnlyList<NumberedChange> changes) =>
        PlantedBug.Is(PlantedBugs.ByCommitNumber) ? [.. changes.OrderBy(change => change.Event.Header.CommitNumber)]
        : PlantedBug.Is(PlantedBugs.ByCommitTime) ? [.. changes.OrderBy(change => change.Event.Header.CommitTimestamp)]
        : PlantedBug.Is(PlantedBugs.DeletesLast) ? [.. changes.OrderBy(change => change.Event.Header.Kind == ChangeKind.Delete)]
        : changes;

    private bool IsStaged(TableFold table) => table.Count >= stagedFrom && StageSql.Fits(table.Table);

    private async ValueTask<SchemaBinding?> BindAsync(
        NpgsqlConnection connection, NumberedChange change, DateTimeOffset appliedAt, Func<CancellationToken, Task> settle, CancellationToken stop)
    {
        try
        {
            return await _registry.BindAsync(connection, change.Event, appliedAt, settle, stop);
        }
        catch (RefusedNameException refused)
        {
            throw new UnwritableChangeException(change.Number, refused.Message, refused);
        }
    }

    /// <summary>Repairs that do not depend on what the row was.</summary>
    private static void AskForCertainRepairs(ChangeFold fold, TableFold table)
    {
        foreach (var record in table.Records)
        {
            if (record.IfLive.Repair is { } reason) fold.Ask(new(table.Table.Object, record.Id, reason));
        }
    }
}
