using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>
/// Writes many rows of a table at once: COPY into a stage table that lives as long as the connection, then one MERGE. Several calls may share a transaction;
/// each writes only its own stage rows, told apart by a call number.
/// </summary>
internal sealed class StagedRows
{
    private const int ChunkBytes = 1 << 16;

    private static int _writers;

    // Pooled connections keep their temporary tables and serve several writers in turn: their stages must not have the same names.
    private readonly int _writer = Interlocked.Increment(ref _writers);
    private readonly Dictionary<ObjectTable, (StageSql Sql, int Number)> _stages = [];
    private readonly CopyBuffer _buffer = new();
    private NpgsqlConnection? _connection;
    private int _session;
    private long _call;
    private int[] _places = [];

    public void Forget() => _stages.Clear();

    public async Task AddAsync(NpgsqlConnection connection, Pipeline pipeline, TableFold table, DateTimeOffset appliedAt, Action<RepairRequest> ask, CancellationToken stop)
    {
        var stage = await StageAsync(connection, table.Table, stop);
        var records = table.Sorted();
        var gone = records.Where(r => r.IsGone).Select(r => r.Id).ToArray();
        if (gone.Length > 0)
        {
            var removal = new NpgsqlBatchCommand($"delete from {table.Table.Quoted} where id = any($1)");
            removal.Parameters.Add(ColumnValue.Typed(gone, NpgsqlDbType.Array | NpgsqlDbType.Text));
            await pipeline.AddAsync(removal, null, null, stop);
        }
        if (gone.Length == records.Count) return;

        var call = ++_call;
        await CopyAsync(connection, stage, table.Table, records, call, stop);
        await pipeline.AddAsync(Command(stage.Found, call), row => Found(row, table, ask), null, stop);
        var merge = Command(stage.Merge, call);
        merge.Parameters.Add(ColumnValue.Typed(StoredTime.Timestamp(appliedAt), NpgsqlDbType.TimestampTz));
        await pipeline.AddAsync(merge, null, null, stop);
    }

    private static void Found(NpgsqlDataReader row, TableFold table, Action<RepairRequest> ask)
    {
        var record = table[row.GetString(0)];
        var becomes = row.GetBoolean(1) ? record.IfAbsent : record.IfDeleted;
        if (becomes.Repair is { } reason) ask(new(table.Table.Object, record.Id, reason));
    }

    private static NpgsqlBatchCommand Command(string sql, long call) => new(sql) { Parameters = { ColumnValue.Typed(call, NpgsqlDbType.Bigint) } };

    private async Task<StageSql> StageAsync(NpgsqlConnection connection, ObjectTable table, CancellationToken stop)
    {
        if (connection != _connection || connection.ProcessID != _session)
        {
            _stages.Clear();
            (_connection, _session) = (connection, connection.ProcessID);
        }
        var known = _stages.TryGetValue(table, out var stage);
        if (known && stage.Sql.Version == table.Version) return stage.Sql;
        var number = known ? stage.Number : _stages.Count;
        var sql = new StageSql(table, $"stage_{_writer}_{number}");
        // What an earlier transaction or writer left under the name on this connection has other columns.
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(sql.Drop), new(sql.Create) } };
        await batch.ExecuteNonQueryAsync(stop);
        _stages[table] = (sql, number);
        return sql;
    }

    private async Task CopyAsync(NpgsqlConnection connection, StageSql stage, ObjectTable table, List<RecordFold> records, long call, CancellationToken stop)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(stage.Copy, stop);
        try
        {
            // A call that failed may have left something in both.
            _buffer.Clear();
            Array.Clear(_places);
            _buffer.Header();
            foreach (var record in records)
            {
                if (record.IsGone) continue;
                Encode(stage, table, record, call);
                if (_buffer.Length < ChunkBytes) continue;
                await copy.WriteAsync(_buffer.Written, stop);
                _buffer.Clear();
            }
            _buffer.Trailer();
            await copy.WriteAsync(_buffer.Written, stop);
        }
        catch
        {
            // Disposing would complete the COPY with the rows sent so far.
            await copy.CancelAsync();
            throw;
        }
    }

    private void Encode(StageSql stage, ObjectTable table, RecordFold record, long call)
    {
        if (_places.Length < stage.Columns) _places = new int[stage.Columns];
        var values = record.Values;
        for (var i = 0; i < values.Length; i++)
            _places[values[i].Column] = i + 1;

        _buffer.StartRow(stage.Fields);
        _buffer.TextField(record.Id);
        for (var column = 0; column < stage.Columns; column++)
        {
            if (_places[column] == 0) _buffer.Null();
            else ColumnValue.Write(_buffer, table.Columns[column].Type, values[_places[column] - 1].Value);
            _places[column] = 0;
        }
        for (var word = 0; word < stage.MaskWords; word++)
            _buffer.Int64Field(record.Columns.Word(word));
        EncodeSystem(record, call);
    }

    private void EncodeSystem(RecordFold record, long call)
    {
        var header = record.Header;
        _buffer.Int64Field(call);
        _buffer.Int64Field(record.Number);
        _buffer.BooleanField(record.IsDeleted);
        _buffer.BooleanField(record.IfAbsent.Incomplete);
        _buffer.BooleanField(record.IfLive.Incomplete);
        _buffer.BooleanField(record.IfDeleted.Incomplete);
        _buffer.BooleanField(record.IfAbsent.Repair != record.IfLive.Repair || record.IfDeleted.Repair != record.IfLive.Repair);
        _buffer.Int64Field(StoredTime.Timestamp(header.CommitTimestamp));
        _buffer.Int64Field(header.CommitNumber);
        _buffer.TextField(header.TransactionKey);
        _buffer.Int32Field(header.SequenceNumber);
    }
}
