using Npgsql;

namespace SalesforceSync.Apply;

/// <summary>Statements that are sent together and answered together: one round trip for all tables of a call, in the order they were added.</summary>
internal sealed class Pipeline(NpgsqlConnection connection) : IAsyncDisposable
{
    /// <summary>Keeps one batch within a few megabytes; more statements make more batches.</summary>
    private const int MostStatements = 500;

    private readonly NpgsqlBatch _batch = new(connection);
    private readonly List<(Action<NpgsqlDataReader>? Row, Action<int>? Affected)> _answers = [];

    /// <param name="row">Called for each row of a query.</param>
    /// <param name="affected">Called with the number of rows a change met.</param>
    public async ValueTask AddAsync(NpgsqlBatchCommand command, Action<NpgsqlDataReader>? row, Action<int>? affected, CancellationToken stop)
    {
        if (_answers.Count >= MostStatements) await FlushAsync(stop);
        _batch.BatchCommands.Add(command);
        _answers.Add((row, affected));
    }

    public async Task FlushAsync(CancellationToken stop)
    {
        if (_answers.Count == 0) return;
        await using (var reader = await _batch.ExecuteReaderAsync(stop))
        {
            // Only queries have a result to stand on; the reader passes over changes by itself.
            foreach (var (row, _) in _answers)
            {
                if (row is null) continue;
                while (await reader.ReadAsync(stop))
                    row(reader);
                await reader.NextResultAsync(stop);
            }
            while (await reader.NextResultAsync(stop))
            {
            }
        }
        for (var i = 0; i < _answers.Count; i++)
            _answers[i].Affected?.Invoke(checked((int)_batch.BatchCommands[i].RecordsAffected));
        _batch.BatchCommands.Clear();
        _answers.Clear();
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}
