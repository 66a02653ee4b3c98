using Npgsql;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>Where a replica says that it keeps each field (<c>salesforce_sync.field</c>): a field that became another has a column of its own.</summary>
internal static class RecordedColumns
{
    private const string KeepsSuccessors = """
        select count(*) from pg_catalog.pg_attribute
        where attrelid = to_regclass('salesforce_sync.field') and attname = 'state' and not attisdropped
        """;

    private const string Columns = """
        select object, field, "column" from salesforce_sync.field where org = $1 and state <> 'replaced'
        """;

    /// <returns>Columns by object and field; empty where the replica keeps no such record.</returns>
    public static async Task<IReadOnlyDictionary<(string Object, string Field), string>> ReadAsync(NpgsqlConnection connection, string org, CancellationToken stop)
    {
        var found = new Dictionary<(string, string), string>();
        await using (var asked = new NpgsqlCommand(KeepsSuccessors, connection))
        {
            if ((long)(await asked.ExecuteScalarAsync(stop))! == 0) return found;
        }
        await using var command = new NpgsqlCommand(Columns, connection) { Parameters = { new() { Value = org } } };
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) found[(rows.GetString(0), rows.GetString(1))] = rows.GetString(2);
        return found;
    }
}
