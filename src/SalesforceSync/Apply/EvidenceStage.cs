using Npgsql;

namespace SalesforceSync.Apply;

/// <summary>Brings rows of a reading into Postgres by COPY: into the stage, encoded as the columns of the table are.</summary>
internal sealed class EvidenceStage(EvidenceBinding binding, EvidenceSql sql)
{
    private const int ChunkBytes = 1 << 16;

    private readonly CopyBuffer _buffer = new();

    // By the index of the table's column: the field of the reading that fills it.
    private readonly Dictionary<int, int> _fields = binding.Columns.Select((column, field) => (column, field)).Where(c => c.column is not null).ToDictionary(c => c.column!.Index, c => c.field);

    public async Task FillAsync(NpgsqlConnection connection, IReadOnlyList<MergeRow> rows, CancellationToken stop)
    {
        await using (var create = new NpgsqlCommand(sql.Create, connection))
            await create.ExecuteNonQueryAsync(stop);
        await using var copy = await connection.BeginRawBinaryCopyAsync(sql.Copy, stop);
        try
        {
            _buffer.Clear();
            _buffer.Header();
            foreach (var row in rows)
            {
                Encode(row);
                if (_buffer.Length >= ChunkBytes)
                    await SendAsync(copy, stop);
            }
            _buffer.Trailer();
            await SendAsync(copy, stop);
        }
        catch
        {
            // Disposing would complete the COPY with the rows sent so far.
            await copy.CancelAsync();
            throw;
        }
    }

    private async Task SendAsync(NpgsqlRawCopyStream copy, CancellationToken stop)
    {
        await copy.WriteAsync(_buffer.Written, stop);
        _buffer.Clear();
    }

    private void Encode(MergeRow row)
    {
        _buffer.StartRow(sql.Fields);
        _buffer.TextField(row.Row.Id);
        foreach (var column in sql.Columns)
        {
            // What does not count is not sent: a row that is inserted must not have it either.
            if (row.Written.Contains(column.Index))
                EvidenceValue.Write(_buffer, binding, column, row.Row, _fields[column.Index]);
            else
                _buffer.Null();
        }
        for (var word = 0; word < sql.MaskWords; word++)
            _buffer.Int64Field(row.Written.Word(word));
        _buffer.BooleanField(row.Row.IsDeleted);
        _buffer.BooleanField(row.TellsExistence);
        if (row.Row.Stamp is { } stamp)
            _buffer.Int64Field(StoredTime.Timestamp(stamp));
        else
            _buffer.Null();
    }
}
