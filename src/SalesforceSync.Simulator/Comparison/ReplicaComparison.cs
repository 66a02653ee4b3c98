using Npgsql;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>
/// Compares a replica in Postgres with the truth, row by row and field by field, in one snapshot of the database and with nothing of the replicator's own code:
/// table = lower-cased object, column = lower-cased REST name, or the one the replica records for a field that became another. Numbers by value, times to the millisecond, text to the byte.
/// </summary>
public static class ReplicaComparison
{
    private const string Columns = """
        select a.attname::text from pg_catalog.pg_attribute a
        join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
        """;

    /// <exception cref="NpgsqlException">The database cannot be read.</exception>
    public static Task<ComparisonResult> CompareAsync(Truth truth, string connectionString, string schema, CancellationToken stop)
        => CompareAsync(truth, connectionString, schema, new ComparisonRules(), stop);

    /// <inheritdoc cref="CompareAsync(Truth, string, string, CancellationToken)"/>
    public static async Task<ComparisonResult> CompareAsync(
        Truth truth, string connectionString, string schema, ComparisonRules rules, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(rules);
        var tally = new ComparisonTally(rules.DescribeAtMost);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(stop);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, stop);
        await ExecuteAsync(connection, "set local timezone = 'UTC'", stop);
        await ExecuteAsync(connection, "set local datestyle = 'ISO'", stop);
        var recorded = rules.Org is { } org ? await RecordedColumns.ReadAsync(connection, org, stop) : new Dictionary<(string, string), string>();
        foreach (var (name, fields) in truth.Objects)
        {
            var records = truth.Records.Where(record => record.ObjectName == name).ToDictionary(record => record.Id, StringComparer.Ordinal);
            var columns = await ColumnsAsync(connection, schema, Lower(name), stop);
            if (columns.Count == 0 && records.Count == 0) continue;
            // What the user may not see any more stands still in the replica.
            if (fields.Count > 0 && fields.All(field => !field.Visible)) continue;
            var table = new TableComparison(name, ComparedField.Of(name, fields, records.Values, columns, recorded, rules), records, rules, tally);
            if (columns.Count > 0) await ReadAsync(connection, schema, table, stop);
            table.End();
        }
        return tally.Result();
    }

    private static async Task ReadAsync(NpgsqlConnection connection, string schema, TableComparison table, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand($"select row_to_json(t)::text from {Quote(schema)}.{Quote(Lower(table.Name))} t", connection);
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) table.Row(rows.GetString(0));
    }

    private static async Task<HashSet<string>> ColumnsAsync(NpgsqlConnection connection, string schema, string table, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(Columns, connection) { Parameters = { new() { Value = schema }, new() { Value = table } } };
        await using var rows = await command.ExecuteReaderAsync(stop);
        var columns = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(stop)) columns.Add(rows.GetString(0));
        return columns;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }

    internal static string Lower(string name) => name.ToLowerInvariant();

    private static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
