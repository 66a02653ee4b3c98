using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>
/// Writes a few rows of a table with a prepared statement each. A partial change is a plain UPDATE of a live row; only when it meets none is it found out,
/// in a second round trip, whether the row is absent or a tombstone.
/// </summary>
internal sealed class PipelinedRows(RowStatements statements)
{
    private readonly List<(TableFold Table, RecordFold Record)> _missed = [];

    public async Task AddAsync(Pipeline pipeline, TableFold table, DateTimeOffset appliedAt, CancellationToken stop)
    {
        foreach (var record in table.Sorted())
        {
            if (record.IsGone) await pipeline.AddAsync(Removal(table.Table, record), null, null, stop);
            else if (record.IsCertain) await pipeline.AddAsync(Command(table.Table, RowOperation.Upsert, record, record.IfLive, appliedAt), null, null, stop);
            else
            {
                var update = Command(table.Table, RowOperation.UpdateLive, record, record.IfLive, appliedAt);
                await pipeline.AddAsync(update, null, met => Note(met, table, record), stop);
            }
        }
    }

    /// <summary>Writes what met no live row; called after the pipeline was flushed.</summary>
    public async Task FinishAsync(Pipeline pipeline, DateTimeOffset appliedAt, Action<RepairRequest> ask, CancellationToken stop)
    {
        if (_missed.Count == 0) return;
        var revived = new HashSet<RecordFold>();
        foreach (var (table, record) in _missed)
        {
            var update = Command(table.Table, RowOperation.UpdateTombstone, record, record.IfDeleted, appliedAt);
            await pipeline.AddAsync(update, null, met => { if (met > 0) revived.Add(record); }, stop);
        }
        await pipeline.FlushAsync(stop);
        foreach (var (table, record) in _missed)
        {
            var (found, now) = revived.Contains(record) ? (true, record.IfDeleted) : (false, record.IfAbsent);
            if (!found) await pipeline.AddAsync(Command(table.Table, RowOperation.Insert, record, now, appliedAt), null, null, stop);
            if (now.Repair is { } reason) ask(new(table.Table.Object, record.Id, reason));
        }
        _missed.Clear();
        await pipeline.FlushAsync(stop);
    }

    private void Note(int met, TableFold table, RecordFold record)
    {
        if (met == 0) _missed.Add((table, record));
    }

    private NpgsqlBatchCommand Removal(ObjectTable table, RecordFold record) => new(statements.Text(table, RowOperation.Remove, record.Columns))
    {
        Parameters = { ColumnValue.Typed(record.Id, NpgsqlDbType.Text) },
    };

    private NpgsqlBatchCommand Command(ObjectTable table, RowOperation operation, RecordFold record, RowState becomes, DateTimeOffset appliedAt)
    {
        var command = new NpgsqlBatchCommand(statements.Text(table, operation, record.Columns));
        var header = record.Header;
        var parameters = command.Parameters;
        parameters.Add(ColumnValue.Typed(record.Id, NpgsqlDbType.Text));
        parameters.Add(ColumnValue.Typed(record.Number, NpgsqlDbType.Bigint));
        parameters.Add(ColumnValue.Typed(becomes.Deleted, NpgsqlDbType.Boolean));
        parameters.Add(becomes.Incomplete is { } incomplete
            ? ColumnValue.Typed(incomplete, NpgsqlDbType.Boolean)
            : new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean });
        parameters.Add(ColumnValue.Typed(StoredTime.Timestamp(header.CommitTimestamp), NpgsqlDbType.TimestampTz));
        parameters.Add(ColumnValue.Typed(header.CommitNumber, NpgsqlDbType.Bigint));
        parameters.Add(ColumnValue.Typed(header.TransactionKey, NpgsqlDbType.Text));
        parameters.Add(ColumnValue.Typed(header.SequenceNumber, NpgsqlDbType.Integer));
        parameters.Add(ColumnValue.Typed(StoredTime.Timestamp(appliedAt), NpgsqlDbType.TimestampTz));
        foreach (var column in table.Columns)
        {
            if (record.Columns.Contains(column.Index)) parameters.Add(Parameter(table, record, column));
        }
        return command;
    }

    private static NpgsqlParameter Parameter(ObjectTable table, RecordFold record, TableColumn column)
    {
        try
        {
            return ColumnValue.Parameter(column.Type, record.Value(column.Index));
        }
        catch (Exception misfit) when (ColumnValue.IsMisfit(misfit))
        {
            throw UnwritableChangeException.Misfit(table, column, record, misfit);
        }
    }
}
