using System.Text.Json;
using Npgsql;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>What a replica holds, as text: every table of one schema, its columns with their types, its rows by id, its values as Postgres prints them.</summary>
internal static class StrangeOrgCopy
{
    /// <summary>The value of this column differs from run to run; only that there is one is asked.</summary>
    private static readonly string[] Changing = ["_sync_event", "_sync_applied_at"];

    /// <summary>Every disagreement between a replica and the tables expected (see org-expected.mjs), one line each.</summary>
    public static async Task<List<string>> DifferencesAsync(NpgsqlDataSource database, string schema, JsonElement expected)
    {
        var differences = new List<string>();
        await using var connection = await database.OpenConnectionAsync();
        var tables = await ListAsync(connection, "select tablename, '' from pg_tables where schemaname = $1", schema);
        Compare("table", [.. expected.EnumerateObject().Select(t => t.Name)], [.. tables.Keys], differences);
        foreach (var table in expected.EnumerateObject().Where(t => tables.ContainsKey(t.Name)))
        {
            var columns = await ListAsync(connection, """
                select attname, format_type(atttypid, atttypmod) from pg_attribute
                where attrelid = format('%I.%I', $1::text, $2::text)::regclass and attnum > 0 and not attisdropped
                """, schema, table.Name);
            Compare($"{table.Name}: column", Lines(Strings(table.Value.GetProperty("columns"))), Lines(columns), differences);
            var rows = await RowsAsync(connection, schema, table.Name, columns.Keys);
            CompareRows(table.Name, table.Value.GetProperty("rows"), rows, differences);
        }
        return differences;
    }

    /// <summary>First column to second column of a query's rows.</summary>
    public static async Task<Dictionary<string, string>> ListAsync(NpgsqlConnection connection, string sql, params string[] parameters)
    {
        var list = new Dictionary<string, string>();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            list[reader.GetString(0)] = reader.GetString(1);
        return list;
    }

    private static async Task<Dictionary<string, Dictionary<string, string?>>> RowsAsync(NpgsqlConnection connection, string schema, string table, IEnumerable<string> columns)
    {
        string[] names = [.. columns];
        await using var command = new NpgsqlCommand($"""select {string.Join(", ", names.Select(name => $"\"{name}\"::text"))} from "{schema}"."{table}" """, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new Dictionary<string, Dictionary<string, string?>>();
        while (await reader.ReadAsync())
        {
            var row = names.Select((name, i) => (name, Value: reader.IsDBNull(i) ? null : reader.GetString(i))).ToDictionary(c => c.name, c => c.Value);
            rows[row["id"]!] = row;
        }
        return rows;
    }

    private static void CompareRows(string table, JsonElement expected, Dictionary<string, Dictionary<string, string?>> found, List<string> differences)
    {
        Compare($"{table}: row", [.. expected.EnumerateObject().Select(r => r.Name)], [.. found.Keys], differences);
        foreach (var row in expected.EnumerateObject().Where(r => found.ContainsKey(r.Name)))
        {
            var values = Strings(row.Value);
            foreach (var (column, value) in found[row.Name])
            {
                if (Changing.Contains(column) ? value is null : value != values.GetValueOrDefault(column))
                    differences.Add($"{table} {row.Name} {column}: expected {Show(values.GetValueOrDefault(column))}, found {Show(value)}");
            }
        }
    }

    private static void Compare(string what, string[] expected, string[] found, List<string> differences)
    {
        differences.AddRange(expected.Except(found).Select(name => $"{what} missing: {name}"));
        differences.AddRange(found.Except(expected).Select(name => $"{what} not expected: {name}"));
    }

    private static string[] Lines(Dictionary<string, string> list) => [.. list.Select(entry => $"{entry.Key} {entry.Value}")];

    private static Dictionary<string, string> Strings(JsonElement element) => element.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);

    private static string Show(string? value) => value is null ? "null" : JsonSerializer.Serialize(value);
}
