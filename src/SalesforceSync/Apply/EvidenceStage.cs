using Npgsql;

namespace SalesforceSync.Apply;

/// <summary>Brings rows of a reading into Postgres by COPY, encoded as the columns of the table are: into the stage, or straight into the table.</summary>
internal sealed class EvidenceStage(EvidenceBinding binding, EvidenceSql sql)
{
    private const int ChunkBytes = 1 << 16;

    private readonly CopyBuffer _buffer = new();

    // By the index of the table's column: the field of the reading that fills it.
    private readonly Dictionary<int, int> _fields = binding.Columns.Select((column, field) => (column, field)).Where(c => c.column is not null).ToDictionary(c => c.column!.Index, c => c.field);

    private readonly int[] _nameParts = [.. binding.Table.ComposedParts
        .Select(part => Enumerable.Range(0, binding.Columns.Count).FirstOrDefault(field => binding.Columns[field] == part, -1)).Where(field => field >= 0)];

    /// <summary>Fills the stage of the session.</summary>
    /// <returns>The number of the call that these rows belong to.</returns>
    public async Task<long> FillAsync(NpgsqlConnection connection, IReadOnlyList<MergeRow> rows, CancellationToken stop)
    {
        await MergeStage.PrepareAsync(connection, sql, stop);
        var call = MergeStage.NextCall();
        await CopyAsync(connection, sql.Copy, rows, row => Stage(row, call), stop);
        return call;
    }

    /// <summary>Adds rows that the table does not hold.</summary>
    public Task AddAsync(NpgsqlConnection connection, IReadOnlyList<MergeRow> rows, NewRowStamp stamp, CancellationToken stop) =>
        CopyAsync(connection, sql.Add, rows, row => Add(row, stamp), stop);

    private async Task CopyAsync(NpgsqlConnection connection, string text, IReadOnlyList<MergeRow> rows, Action<MergeRow> encode, CancellationToken stop)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(text, stop);
        try
        {
            _buffer.Clear();
            _buffer.Header();
            foreach (var row in rows)
            {
                encode(row);
                if (_buffer.Length < ChunkBytes) continue;
                await copy.WriteAsync(_buffer.Written, stop);
                _buffer.Clear();
            }
            _buffer.Trailer();
            await copy.WriteAsync(_buffer.Written, stop);
            _buffer.Clear();
        }
        catch
        {
            // Disposing would complete the COPY with the rows sent so far.
            await copy.CancelAsync();
            throw;
        }
    }

    private void Stage(MergeRow row, long call)
    {
        _buffer.StartRow(sql.Fields);
        _buffer.Int64Field(call);
        _buffer.TextField(row.Row.Id);
        foreach (var column in sql.Columns)
        {
            // What does not count is not sent: a row that is inserted must not have it either.
            if (row.Written.Contains(column.Index)) Value(row, column);
            else _buffer.Null();
        }
        for (var word = 0; word < sql.MaskWords; word++)
            _buffer.Int64Field(row.Written.Word(word));
        _buffer.BooleanField(row.Row.IsDeleted);
        _buffer.BooleanField(row.TellsExistence);
        Time(row.Row.Stamp);
    }

    private void Add(MergeRow row, NewRowStamp stamp)
    {
        _buffer.StartRow(sql.AddFields);
        _buffer.TextField(row.Row.Id);
        foreach (var column in sql.Columns)
        {
            if (column != sql.Person) Value(row, column);
        }
        if (sql.Person is not null) Name(row);
        _buffer.Int64Field(stamp.Number);
        _buffer.TextField(stamp.From);
        _buffer.BooleanField(row.Row.IsDeleted);
        _buffer.BooleanField(stamp.IsIncomplete);
        Time(row.Row.Stamp);
        _buffer.Int64Field(StoredTime.Timestamp(stamp.At));
    }

    private void Value(MergeRow row, TableColumn column) => EvidenceValue.Write(_buffer, binding, column, row.Row, _fields[column.Index]);

    /// <summary>The name as <see cref="EvidenceSql"/> composes it.</summary>
    private void Name(MergeRow row)
    {
        var composed = string.Join(' ', _nameParts.Where(field => !row.Row.Values[field].IsNull).Select(field => row.Row.Values[field].Text));
        if (composed.Length > 0) _buffer.TextField(composed);
        else if (_fields.ContainsKey(sql.Person!.Index)) Value(row, sql.Person);
        else _buffer.Null();
    }

    private void Time(DateTimeOffset? time)
    {
        if (time is { } known) _buffer.Int64Field(StoredTime.Timestamp(known));
        else _buffer.Null();
    }
}

/// <summary>What every row that a merge adds is marked with.</summary>
internal readonly record struct NewRowStamp(long Number, string From, bool IsIncomplete, DateTimeOffset At);
